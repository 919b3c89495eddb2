/* prepare.c: run by the build: compiles the built-in patterns' literals, so that no start of keyhunt has to (40 ms of a CPU). */
#include <stdio.h>

#include "match/matcher.h"
#include "patterns/detect.h"

int main(void)
{
	struct detector *d = NULL;
	struct buf out = { 0 };
	const struct literal *literals;
	char *err = NULL;
	if (detector_new(&d, &(struct detector_options){ 0 }, &err) != KH_OK) {
		fprintf(stderr, "prepare: %s\n", err ? err : "cannot load the patterns");
		return 1;
	}
	size_t n = detector_literals(d, &literals);
	bool ok = matcher_prepare(&out, literals, n) == KH_OK && fwrite(out.ptr, 1, out.len, stdout) == out.len && !fflush(stdout);
	buf_release(&out);
	detector_free(d);
	return ok ? 0 : 1;
}
