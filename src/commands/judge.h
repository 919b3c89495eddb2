/* judge.h: which findings are news: not those that somebody allowed, nor those of the baseline, nor what came before
 * --since. One for a run; one thread. What it reads is read before anything is scanned, so that a mistake costs nobody a
 * scan; only repositories that lie below a scanned folder are met later. */
#ifndef KH_COMMANDS_JUDGE_H
#define KH_COMMANDS_JUDGE_H

#include "commands/options.h"
#include "findings/attribute.h"
#include "findings/ledger.h"

struct judge;

/* KH_USAGE: words are said. */
enum status judge_new(struct judge **out, const struct options *o);
void judge_free(struct judge *j);

/* Files. The path of a finding from its repository's top: `inside` (caller frees). */
void judge_path(struct judge *j, const char *path, char **inside);
/* Drop what is no news, count it in `sum`. KH_USAGE when a repository's .keyhunt is wrong (said, and a skip). */
void judge_files(struct judge *j, struct findings *f, struct summary *sum);

/* One repository of a history: read what it allows. KH_USAGE: said. `name` as the user gave it, NULL when there is one only. */
enum status judge_open(struct judge *j, const struct repo *r, const struct store *s, const char *name);
void judge_history(struct judge *j, struct findings *f, struct summary *sum);

/* What a mark in the text allowed, told with --verbose; `f` may lack a path, then its blob is named. */
void judge_marked(const struct findings *f);

/* After the last one: entries that nothing needed go to `sum` and are told; --write-baseline is done. False: it failed, said. */
bool judge_finish(struct judge *j, struct summary *sum);

#endif
