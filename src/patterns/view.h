/* view.h: bytes read through their encodings. A view is a text with the way back to the bytes it came from; escapes
 * inside it are read unit by unit (`%2F`, `\u002F`, `\/`, `&#47;` are all one '/'). Pure; any thread. */
#ifndef KH_PATTERNS_VIEW_H
#define KH_PATTERNS_VIEW_H

#include <stdbool.h>

#include "util/bytes.h"

enum encoding { ENC_PLAIN, ENC_UTF16LE, ENC_UTF16BE, ENC_BASE64, ENC_ROW, ENC_ESCAPED };

struct view {
	const uint8_t *ptr;
	size_t len;
	const uint32_t *map; /* source offset of each byte, len + 1 of them; NULL: the view is the source itself */
	enum encoding encoding;
};

static inline uint32_t view_source(const struct view *v, size_t i)
{
	return v->map ? v->map[i] : (uint32_t)i;
}

/* One character, however it is escaped, and how many bytes it took (at least 1). Colour sequences are one blank. */
struct unit {
	uint8_t c;
	uint8_t len;
	bool escaped;
};
struct unit unit_at(const uint8_t *p, size_t len);

/* Length of what joins two halves of a literal: "abc" "def", 'abc' + 'def', "abc" . "def" over lines, "abc\<newline>def",
 * X=abc<newline>X+=def, and quoted-printable's soft line break. 0: nothing does. */
size_t joint_at(const uint8_t *p, size_t len);
/* Is the '=' at `at` quoted-printable's sign for a line that goes on? Where one is nearly as long as mail allows, and the text does go on. */
bool soft_break_at(const uint8_t *p, size_t at, size_t len);

/* "abc", "def": a joint only within a call that joins. */
size_t comma_joint_at(const uint8_t *p, size_t len);

/* May something begin at `at`? The byte before is no letter or digit, or is the end of an escape. */
bool boundary_before(const uint8_t *p, size_t at);

/* Where base64 goes on behind `at`: a line break with indentation, escaped or not, or a joint. 0: it ends. */
size_t wrap_at(const uint8_t *p, size_t len);

/* What the base64 from `p` on spells, over the ends of its lines, the first `skip` digits left out; how many bytes. `out` has room
 * for 3/4 of `len`. */
size_t base64_text(uint8_t *out, const uint8_t *p, size_t len, unsigned skip);

/* Working memory of the decoders below; belongs to one worker and is used again. */
struct view_space {
	uint8_t *text;
	uint32_t *map;
	size_t cap;
};
void view_space_release(struct view_space *s);
void view_space_need(struct view_space *s, size_t n); /* room for a view of `n` bytes */

/* [from, to) as UTF-16 with units that begin at `from`; what is beyond Latin-1 becomes 0xff. */
struct view view_utf16(struct view_space *s, struct bytes data, size_t from, size_t to, bool big_endian);

/* The base64 text around `at`, whose digit there is number `digit` (0-3) of its group of four. `*from` and `*to` are
 * its bounds in the source, at most `back` and `ahead` bytes away. */
struct view view_base64(struct view_space *s, struct bytes data, size_t at, unsigned digit, size_t back, size_t ahead, size_t *from, size_t *to);

/* The same of a text that is a view itself, with the way back to its source. `*from` and `*to` are places in `base`. */
struct view view_base64_in(struct view_space *s, const struct view *base, size_t at, unsigned digit, size_t back, size_t ahead, size_t *from, size_t *to);
/* All of `base`, decoded base64, as little-endian UTF-16 with a unit that begins at `at`. */
struct view view_utf16_in(struct view_space *s, const struct view *base, size_t at);
/* The byte of the view that `source` lies in. */
size_t view_index(const struct view *v, size_t source);

#endif
