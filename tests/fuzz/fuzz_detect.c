/* Any bytes, searched and decided: what is found lies inside them, and deciding twice gives the same. Containers (zip,
 * gzip) are opened as in a scan. */
#include <stdlib.h>

#include "match/matcher.h"
#include "match/scan.h"
#include "packmake.h"
#include "patterns/detect.h"
#include "util/alloc.h"

struct context {
	struct detector *detector;
	struct detect *detect;
	struct matcher *matcher;
	struct scan *scan;
	struct scan_sink sink;
	struct bytes data;
	uint64_t sum, found;
};

static bool maybe(void *payload, unsigned worker, struct bytes data, const struct hit *hit)
{
	struct context *c = payload;
	(void)worker;
	return detect_maybe(c->detect, data, hit);
}

static size_t rescan(void *payload, struct bytes data, struct hit **hits)
{
	struct context *c = payload;
	return scan_bytes(c->scan, 0, data, hits);
}

static void emit(void *payload, const struct credential *cred)
{
	struct context *c = payload;
	if (!cred->inner_path && (cred->offset >= c->data.len || cred->other >= c->data.len))
		differ("found outside");
	if (!cred->kind || !cred->pattern || (!cred->key_id[0] && !cred->secret.len && !cred->token.len))
		differ("a credential without anything");
	c->found++;
	for (const char *p = cred->key_id; *p; p++)
		c->sum = c->sum * 31 + (uint8_t)*p;
	for (size_t i = 0; i < cred->secret.len; i++)
		c->sum = c->sum * 31 + cred->secret.ptr[i];
	c->sum = c->sum * 31 + cred->offset * 7 + cred->other;
}

static void start(struct context *c)
{
	struct detector_options o = { .archive_limit = 1 << 20 };
	const struct literal *literals;
	char *err = NULL;
	if (detector_new(&c->detector, &o, &err) != KH_OK)
		differ(err ? err : "no detector");
	size_t n = detector_literals(c->detector, &literals);
	if (matcher_new(&c->matcher, literals, n, bytes_of(NULL, 0)) != KH_OK)
		differ("no matcher");
	c->detect = detect_new(c->detector);
	c->sink = (struct scan_sink){ .maybe = maybe, .payload = c };
	c->scan = scan_new(c->matcher, literals, n, &c->sink, 1);
}

static void run(struct context *c)
{
	struct hit *hits = NULL;
	const char *why = NULL;
	size_t n = scan_bytes(c->scan, 0, c->data, &hits);
	c->sum = c->found = 0;
	enum status st = detect_run(c->detect, c->data, hits, n, rescan, c, emit, c, &why);
	if (st != KH_OK && !why)
		differ("not read to its end, without words");
	free(hits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct context c; /* made once, as a worker's is */
	if (!c.detector)
		start(&c);
	c.data = bytes_of(data, size);
	run(&c);
	uint64_t sum = c.sum, found = c.found;
	run(&c);
	if (sum != c.sum || found != c.found)
		differ("decided twice, not the same");
	return 0;
}
