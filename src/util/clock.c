/* clock.c: reproducible-builds.org's variable, then the clock. */
#include "util/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

int64_t clock_date(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	char *end;
	errno = 0;
	long long t = fixed && *fixed ? strtoll(fixed, &end, 10) : 0;
	return t > 0 && !*end && !errno ? t : time(NULL);
}
