/* status.h: the one error enum. Leaves return it bare; the caller who knows the object's name adds words, once. */
#ifndef KH_UTIL_STATUS_H
#define KH_UTIL_STATUS_H

enum status {
	KH_OK = 0,
	KH_CORRUPT,     /* bytes that break their format's rules */
	KH_TOOBIG,      /* over a limit or the memory budget */
	KH_NOMEM,       /* the system refused memory for a buffer sized by input */
	KH_IO,          /* open, read, map or write failed; errno says why */
	KH_MISSING,     /* an object, file or ref that is not there */
	KH_UNSUPPORTED, /* a format or extension this program does not know */
	KH_USAGE,       /* what was asked for makes no sense */
	KH_STOPPED,     /* SIGINT, SIGTERM or a caller's wish */
};

/* A few lower-case words without full stop, static storage. Any thread. */
const char *status_words(enum status st);

#endif
