#include "report/report.h"

#include <errno.h>

#include "report/writers.h"

enum status report_write(FILE *out, FILE *talk, const struct report_options *o, const struct finding *list, size_t n,
			 const struct summary *s)
{
	errno = 0;
	switch (o->format) {
	case REPORT_TEXT:
		text_write(out, o, list, n);
		break;
	case REPORT_JSON:
		json_write(out, o, list, n, s);
		break;
	case REPORT_JSONL:
		jsonl_write(out, o, list, n, s);
		break;
	case REPORT_SARIF:
		sarif_write(out, o, list, n, s);
		break;
	}
	/* Results first: on a terminal both streams are one, and what was not scanned must be the last word. */
	bool failed = fflush(out) != 0 || ferror(out);
	int why = errno;
	if (talk)
		closing_write(talk, o, s);
	errno = why;
	return failed ? KH_IO : KH_OK;
}
