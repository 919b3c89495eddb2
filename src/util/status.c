#include "util/status.h"

const char *status_words(enum status st)
{
	switch (st) {
	case KH_OK: return "no error";
	case KH_CORRUPT: return "damaged data";
	case KH_TOOBIG: return "larger than the limit";
	case KH_NOMEM: return "out of memory";
	case KH_IO: return "cannot read";
	case KH_MISSING: return "missing";
	case KH_UNSUPPORTED: return "unsupported format";
	case KH_USAGE: return "invalid request";
	case KH_STOPPED: return "interrupted";
	}
	return "unknown error";
}
