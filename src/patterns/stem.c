#include "patterns/stem.h"

#include <string.h>

#include "patterns/shape.h"

#define BACK 80  /* bytes before a value in which its label stands */
#define LABEL 40

/* Words that any name of a key has; what else is in it tells one key from another. */
static const char *const common_words[] = { "credential", "security", "session", "identifier", "identity", "password", "username", "access", "secret", "private", "public",
	"account", "amazon", "static", "value", "token", "login", "user", "name", "pass", "key", "aws", "sec", "pwd", "ids", "id", NULL };

uint32_t stem_of(const char *name, size_t len)
{
	uint32_t h = 2166136261u;
	unsigned kept = 0, common = 0;
	for (size_t i = 0; i < len;) {
		const char *const *w = common_words;
		while (*w && (strlen(*w) > len - i || memcmp(*w, name + i, strlen(*w))))
			w++;
		if (*w) {
			i += strlen(*w);
			i += i < len && name[i] == 's' && (i + 1 == len || !shape_is_alnum((uint8_t)name[i + 1])); /* plural */
			common++;
			continue;
		}
		if (shape_is_alnum((uint8_t)name[i])) {
			h = (h ^ (uint8_t)name[i]) * 16777619u;
			kept++;
		}
		i++;
	}
	return kept && common ? h | 1 : 0;
}

static bool word_char(uint8_t c)
{
	return shape_is_alnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80;
}

static bool speaks_of_keys(const char *word, size_t len)
{
	static const char *const places[] = { "default", "string", "text", "content", "val" };
	for (const char *const *w = common_words; *w; w++)
		if (memmem(word, len, *w, strlen(*w)))
			return true;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (len == strlen(places[i]) && !memcmp(word, places[i], len))
			return true;
	return false;
}

uint32_t stem_label(const struct view *v, size_t from)
{
	size_t stop = from > BACK ? from - BACK : 0, r = from, n = 0;
	char word[LABEL];
	bool assigned = false;
	uint32_t h = 2166136261u;
	for (; r > stop && !word_char(v->ptr[r - 1]) && v->ptr[r - 1] != '\n'; r--)
		assigned |= v->ptr[r - 1] == ':' || v->ptr[r - 1] == '=' || v->ptr[r - 1] == '>';
	size_t l = r;
	while (l > stop && r - l < LABEL && word_char(v->ptr[l - 1]))
		l--;
	for (size_t i = l; i < r; i++, n++) {
		uint8_t c = v->ptr[i];
		word[n] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
		h = (h ^ (uint8_t)word[n]) * 16777619u;
	}
	return assigned && n && n < LABEL && !speaks_of_keys(word, n) ? h | 1 : 0;
}
