/* writers.h: one function a format, all of the same shape; report.c chooses. Write errors stay in the stream. */
#ifndef KH_REPORT_WRITERS_H
#define KH_REPORT_WRITERS_H

#include "report/jsonw.h"
#include "report/report.h"

void text_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n);
void json_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n, const struct summary *s);
void jsonl_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n, const struct summary *s);
void sarif_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n, const struct summary *s);

/* The fields of one finding, without braces. Shared by json, jsonl and SARIF's properties. */
void json_finding_fields(struct jsonw *w, const struct report_options *o, const struct finding *f);
void json_summary_fields(struct jsonw *w, const struct summary *s);

/* "scanned 12 commits, ...: 3 credentials in 5 places", and what could not be scanned. */
void closing_write(FILE *talk, const struct report_options *o, const struct summary *s);

/* Was everything that was asked for scanned? Doubts count as no, whatever `complete` says. */
bool summary_complete(const struct summary *s);

#endif
