/* test_shape.c: the arithmetic of key IDs, checked against published pairs of ID and account, and what a secret is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "patterns/known.h"
#include "patterns/shape.h"

static void test_shape__account_inside_a_new_id(void **state)
{
	static const struct { const char *id, *account; } known[] = {
		{ "ASIAY34FZKBOKMUTVV7A", "609629065308" },
		{ "AKIARZPUZDIKGB2VALC4", "123456789012" }, { "ASIAQAAAAAAAGMKEM7X5", "000000000000" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		char account[ACCOUNT_LEN + 1];
		assert_true(shape_account(account, (const uint8_t *)known[i].id));
		assert_string_equal(account, known[i].account);
		assert_int_equal(shape_key_id((const uint8_t *)known[i].id), ID_NEW);
	}
}

static void test_shape__ids_of_each_sort(void **state)
{
	static const struct { const char *id; enum id_shape shape; } ids[] = {
		{ "AKIAJHARLNUGKTB6TVRQ", ID_OLD }, { "AKIAP3WJX2SC6S4EERFQ", ID_NOT }, { "AKIAP3WJX2SC6S4EERFA", ID_OLD },
		{ "AKIAM3WJX2SC6S4EERFQ", ID_WEAK }, { "AKIAM3WJX2SC6S4EERFB", ID_NOT }, { "ASIAWIDERESEARCHDATA", ID_LETTERS },
		{ "AKIA7PUZDIKGB2VALC4A", ID_NOT }, { "AKIA0000000000000000", ID_NOT }, { "AKIAIOSFODNN7EXAMPLE", ID_EXAMPLE },
		{ "AKIAI44QH8DHBEXAMPLE", ID_EXAMPLE }, { "AKIAIOSFDNN7EXAMPLEQ", ID_EXAMPLE }, { "AKIAEXAMPLEPBUMBC3GA", ID_EXAMPLE },
		{ "AKIAIOSFODNN7TESTKEY", ID_EXAMPLE },
		{ "1S7KQ2MZX0V9RT4HCB82", ID_WEAK }, { "0PN5J17HBGZHT7JJ3X82", ID_EXAMPLE }, { "1S7KQ2MZX0V9RT4HCBA2", ID_NOT }, { "1S7KQ2MZI0V9RT4HCB82", ID_NOT }, { "ASIAQNZGKIQY56JQ7WML", ID_EXAMPLE }, { "AKIALALEMEL33243OLIB", ID_NOT }, { "AKIADEADBEEFDEADBEEF", ID_NOT },
		{ "AKIASAMPLESAMPLEKEYS", ID_INVENTED }, { "AKIAYOURACCESSKEYID2", ID_INVENTED }, { "ASIASTUBSTUBSTUBSTUB", ID_INVENTED },
		{ "AKIAQWERTYUIOPASDFGH", ID_INVENTED }, { "AKIAVVBIUUUEEDERRSLL", ID_LETTERS }, { "AKIASSTLLLMUTYYYZQQR", ID_LETTERS },
	};
	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (i != 1) /* a Q at the end is as good as an A */
			assert_int_equal(shape_key_id((const uint8_t *)ids[i].id), ids[i].shape);
	assert_int_equal(shape_key_id((const uint8_t *)ids[1].id), ID_OLD);
}

static void test_shape__secrets_and_lookalikes(void **state)
{
	static const struct { const char *text; enum secret_shape shape; } table[] = {
		{ "vVn9UD0PsPI8NYm+WV+oajsTzPE0NTM3s5iGrCp2", SECRET_GOOD }, { "+FJxogIUf7qbg5GvgxE3FN5S7UFVIvLCFMhdmlN/", SECRET_GOOD },
		{ "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", SECRET_EXAMPLE }, { "zuf+tfteSlswRu7BJ86wekitnifILbZam1KYY3TG", SECRET_EXAMPLE },
		{ "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEkq7Zv2X1A", SECRET_EXAMPLE }, { "q0Zc7TtnFEMI/K7MDENG/bPxRfiT3vHqLw9sXp2d", SECRET_EXAMPLE },
		{ "30f984fdd2f7c27db176cb32333b994a72e0b742", SECRET_NOT }, { "30F984FDD2F7C27DB176CB32333B994A72E0B742", SECRET_NOT },
		{ "awsSecretAccessKeyRotationIntervalMillis", SECRET_NOT }, { "com/acme/aws/config/SecretAccessKeyStore", SECRET_NOT },
		{ "ThisIsNotARealSecretKeyThisIsNotARealKey", SECRET_NOT }, { "demo/secret/key/demo/secret/key/demo1234", SECRET_NOT },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", SECRET_NOT }, { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn", SECRET_NOT },
		{ "VGhpcyBpcyBub3QgYSBzZWNyZXQgYnV0IHRleHQu", SECRET_NOT }, { "yourSecretAccessKeyFromTheAwsConsole1234", SECRET_NOT },
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(shape_secret((const uint8_t *)table[i].text), table[i].shape);
}

static void test_shape__says_what_speaks_against_a_secret(void **state)
{
	static const struct { const char *text, *against; } table[] = {
		{ "30f984fdd2f7c27db176cb32333b994a72e0b742", "hex-digest" }, { "Xk/Q0+84fdd2f7c27db176cb32333b994aZtWqLm", "hex-digest" }, { "wxyz1234WXYZwxyz1234WXYZwxyz1234WXYZwxyz", "repeats" },
		{ "qwertyuiopasdfghjklzxcvbnm1234567890+/wq", "one-case" },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn", "sequence" }, { "com/acme/aws/config/SecretAccessKeyStore", "path" },
		{ "configurationServiceRegistryImplementerQ", "identifier" }, { "x9Rq2LmfSecretKv7ExampleZ04bTnW1hJ8gUcDp", "words" },
		{ "VGhpcyBpcyBub3QgYSBzZWNyZXQgYnV0IHRleHQu", "encoded-text" }, { "vVn9UD0PsPI8NYm+WV+oajsTzPE0NTM3s5iGrCp2", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *against = shape_secret_against((const uint8_t *)table[i].text);
		assert_string_equal(against ? against : "", table[i].against ? table[i].against : "");
	}
}

static void test_shape__random_ones_are_kept(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint64_t x = 88172645463325252ull;
	unsigned lost = 0;
	(void)state;
	for (unsigned n = 0; n < 100000; n++) {
		uint8_t s[SECRET_LEN];
		for (unsigned i = 0; i < SECRET_LEN; i++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			s[i] = (uint8_t)digits[x * 2685821657736338717ull >> 58];
		}
		lost += shape_secret(s) != SECRET_GOOD;
	}
	assert_true(lost <= 50);
}

static void test_shape__canaries_and_test_accounts(void **state)
{
	(void)state;
	assert_true(known_canary("730335385048"));
	assert_false(known_canary("123456789012"));
	assert_true(known_test_account("123456789012") && known_test_account("000000000000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape__account_inside_a_new_id), cmocka_unit_test(test_shape__ids_of_each_sort),
		cmocka_unit_test(test_shape__secrets_and_lookalikes), cmocka_unit_test(test_shape__random_ones_are_kept),
		cmocka_unit_test(test_shape__says_what_speaks_against_a_secret),
		cmocka_unit_test(test_shape__canaries_and_test_accounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
