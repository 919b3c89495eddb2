#include "report_samples.h"

#include "report/jsonw.h"

/* What one string of bytes becomes. */
static char *written(const char *bytes, size_t len, bool base64)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct jsonw w;
	jsonw_init(&w, out);
	if (base64)
		jsonw_base64(&w, bytes, len);
	else
		jsonw_bytes(&w, bytes, len);
	jsonw_release(&w);
	fclose(out);
	assert_json(text);
	return text;
}

#define BYTES(s) s, sizeof s - 1

static void test_bytes__any_byte_makes_a_valid_string(void **state)
{
	(void)state;
	static const struct { const char *in; size_t len; const char *out; } t[] = {
		{ BYTES(""), "\"\"" },
		{ BYTES("plain /text"), "\"plain /text\"" },
		{ BYTES("a\"b\\c"), "\"a\\\"b\\\\c\"" },
		{ BYTES("\0\n\t\x1b\x7f"), "\"\\u0000\\u000a\\u0009\\u001b\\u007f\"" },
		{ BYTES("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ BYTES("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },     /* a surrogate is no UTF-8 */
		{ BYTES("gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\x91"), "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\x91\"" },
		{ BYTES("\xc2\x9b"), "\"\\u009b\"" },                                     /* CSI as one character */
		{ BYTES("\xe2\x80\xae\xe2\x80\xa8"), "\"\\u202e\\u2028\"" },
		{ BYTES("\xf3\xa0\x80\x81"), "\"\\udb40\\udc01\"" },                       /* a tag character */
		{ BYTES("\xef\xbf\xbd"), "\"\xef\xbf\xbd\"" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char *text = written(t[i].in, t[i].len, false);
		assert_string_equal(text, t[i].out);
		free(text);
	}
}

static void test_bytes__every_pair_of_bytes_is_valid(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 0x10000; i++) {
		const char pair[2] = { (char)(i >> 8), (char)i };
		free(written(pair, 2, false));
	}
}

static void test_base64__is_rfc_4648(void **state)
{
	(void)state;
	static const char *const t[][2] = { { "", "\"\"" }, { "f", "\"Zg==\"" }, { "fo", "\"Zm8=\"" }, { "foo", "\"Zm9v\"" },
					    { "foob", "\"Zm9vYg==\"" }, { "\xff\xfe\xfd", "\"//79\"" } };
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char *text = written(t[i][0], strlen(t[i][0]), true);
		assert_string_equal(text, t[i][1]);
		free(text);
	}
}

static void test_writer__puts_commas_where_they_belong(void **state)
{
	(void)state;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "a");
	jsonw_open(&w, '[');
	jsonw_close(&w, ']');
	jsonw_key(&w, "b");
	jsonw_open(&w, '[');
	jsonw_line(&w);
	jsonw_uint(&w, UINT64_MAX);
	jsonw_line(&w);
	jsonw_bool(&w, true);
	jsonw_null(&w);
	jsonw_seconds(&w, 1.2345);
	jsonw_seconds(&w, -1);
	jsonw_close(&w, ']');
	jsonw_line(&w);
	jsonw_key(&w, "c");
	jsonw_str(&w, NULL);
	jsonw_close(&w, '}');
	jsonw_line(&w);
	jsonw_open(&w, '[');
	jsonw_close(&w, ']');
	jsonw_release(&w);
	fclose(out);
	assert_string_equal(text, "{\"a\":[],\"b\":[\n18446744073709551615,\ntrue,null,1.235,0.000],\n\"c\":null}\n[]");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes__any_byte_makes_a_valid_string),
		cmocka_unit_test(test_bytes__every_pair_of_bytes_is_valid),
		cmocka_unit_test(test_base64__is_rfc_4648),
		cmocka_unit_test(test_writer__puts_commas_where_they_belong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
