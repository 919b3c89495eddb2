/* playbook.c: the first steps for each kind, as templates of shell lines.
 *
 * What is filled in:   @KEY@      the access key ID, or "$KEY_ID", which an earlier line sets
 *                      @SINCE@    --start-time an hour before the first commit, or nothing
 *                      @ACCOUNT@  "account 123456789012", or "its account"
 *                      @ARG@      what the recipe says
 * "#. " at the start of a line numbers the step. Only values of a checked form get in, so nothing that a repository holds
 * can become shell. Comments have no quotes, brackets or globs: an interactive zsh takes them for commands.
 * What cannot be undone is a comment: a block that is pasted as a whole contains and looks, it does not delete. */
#include "report/playbook.h"

#include <ctype.h>

#include "report/words.h"

static const char find_user[] =
	"#. Find its user, as an administrator of @ACCOUNT@. Never use\n"
	"#  the leaked key for it. If no user comes back it is the root user: sign\n"
	"#  in as root and delete the key there, under Security credentials.\n"
	"USER_NAME=$(aws iam get-access-key-last-used \\\n"
	"  --access-key-id @KEY@ --query UserName --output text)\n";

static const char find_keys[] =
	"#. Where it was found has to tell its user. List the keys of that user,\n"
	"#  as an administrator of @ACCOUNT@, and take each that may be\n"
	"#  meant.\n"
	"USER_NAME='replace me'\n"
	"aws iam list-access-keys --user-name \"$USER_NAME\"\n"
	"KEY_ID='replace me'\n";

static const char switch_off[] =
	"#. Switch the key off at once. --status Active undoes it.\n"
	"aws iam update-access-key --access-key-id @KEY@ \\\n"
	"  --user-name \"$USER_NAME\" --status Inactive\n";

static const char look_at_key[] =
	"#. See what it did. CloudTrail keeps 90 days, in each region apart.\n"
	"for REGION in $(aws ec2 describe-regions --output text \\\n"
	"    --query 'Regions[].RegionName'); do\n"
	"  aws cloudtrail lookup-events --region \"$REGION\" \\\n"
	"    --lookup-attributes \\\n"
	"    AttributeKey=AccessKeyId,AttributeValue=@KEY@ \\\n"
	"    @SINCE@--output table \\\n"
	"    --query 'Events[].[EventTime,EventSource,EventName,Username]'\n"
	"done\n";

static const char look_at_user[] =
	"#. See what was done with it. CloudTrail keeps 90 days.\n"
	"aws cloudtrail lookup-events @SINCE@\\\n"
	"  --lookup-attributes AttributeKey=Username,AttributeValue=\"$USER_NAME\" \\\n"
	"  --output table \\\n"
	"  --query 'Events[].[EventTime,EventSource,EventName]'\n";

static const char rotate_key[] =
	"#. Give what needs it a role, or a new key. When all works, delete this:\n"
	"#    aws iam create-access-key --user-name \"$USER_NAME\"\n"
	"#    aws iam delete-access-key --user-name \"$USER_NAME\" --access-key-id @KEY@\n";

static const char find_role[] =
	"#. Find its role, as an administrator of @ACCOUNT@, in the\n"
	"#  region where it was used. Such credentials live 36 hours at most. They\n"
	"#  cannot be deleted, but what they may do can be taken away.\n"
	"ROLE_NAME=$(aws cloudtrail lookup-events --max-items 1 --output text \\\n"
	"  --lookup-attributes \\\n"
	"  AttributeKey=AccessKeyId,AttributeValue=@KEY@ \\\n"
	"  --query 'Events[0].CloudTrailEvent' |\n"
	"  sed -n 's/.*\"sessionIssuer\":{[^}]*\"userName\":\"\\([^\"]*\\)\".*/\\1/p')\n";

static const char name_role[] =
	"#. Where it was found has to tell the role it was made for. Work as an\n"
	"#  administrator of @ACCOUNT@. It cannot be deleted, but what it\n"
	"#  may do can be taken away.\n"
	"ROLE_NAME='replace me'\n";

static const char deny_sessions[] =
	"#. Deny everything to the sessions that exist now. New ones stay free.\n"
	"#  For a role AWSReservedSSO_... put this deny into its permission set. When\n"
	"#  it was no role but a user: aws iam put-user-policy, the same document.\n"
	"NOW=$(date -u +%Y-%m-%dT%H:%M:%SZ)\n"
	"aws iam put-role-policy --role-name \"$ROLE_NAME\" \\\n"
	"  --policy-name AWSRevokeOlderSessions --policy-document '{\n"
	"    \"Version\": \"2012-10-17\",\n"
	"    \"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\",\n"
	"      \"Condition\": {\"DateLessThan\": {\"aws:TokenIssueTime\": \"'\"$NOW\"'\"}}}]}'\n";

static const char signed_request[] =
	"# A signed request works until it expires, or until its signer may no longer\n"
	"# do what it asks for. These steps are for the signer.\n";

static const char smtp_password[] =
	"# The SMTP user name is an access key ID: without the key no mail. To stop\n"
	"# all mail of @ACCOUNT@ in a region now:\n"
	"#    aws sesv2 put-account-sending-attributes --no-sending-enabled\n";

static const char find_service_credential[] =
	"#. List those of all users, as an administrator of @ACCOUNT@.\n"
	"aws iam list-service-specific-credentials --all-users \\\n"
	"  @ARG@--output table\n"
	"USER_NAME='replace me'\n"
	"CREDENTIAL_ID='replace me'\n"
	"#. Switch it off at once. --status Active undoes it.\n"
	"aws iam update-service-specific-credential --user-name \"$USER_NAME\" \\\n"
	"  --service-specific-credential-id \"$CREDENTIAL_ID\" --status Inactive\n";

static const char delete_service_credential[] =
	"#. When what needs it has a new one, delete it:\n"
	"#    aws iam delete-service-specific-credential --user-name \"$USER_NAME\" --service-specific-credential-id \"$CREDENTIAL_ID\"\n";

static const char cloudfront_key[] =
	"#. Find the public key that belongs to it, and the key groups that trust\n"
	"#  it, as an administrator of @ACCOUNT@. Keys APKA... belong to the\n"
	"#  root user: sign in as root and delete them under Security credentials.\n"
	"aws cloudfront list-public-keys\n"
	"aws cloudfront list-key-groups\n"
	"#. Add a new key to the group, sign with it, then take the old one out\n"
	"#  with aws cloudfront update-key-group and delete-public-key. From then\n"
	"#  on no URL and no cookie signed with it works.\n";

static const char appsync_key[] =
	"#. Find the API by its endpoint, as an administrator of @ACCOUNT@.\n"
	"aws appsync list-graphql-apis --output table \\\n"
	"  --query 'graphqlApis[].[apiId,name,uris.GRAPHQL]'\n"
	"API_ID='replace me'\n"
	"aws appsync list-api-keys --api-id \"$API_ID\"\n"
	"#. Make a new key for its clients, then delete the one that leaked:\n"
	"#    aws appsync create-api-key --api-id \"$API_ID\"\n"
	"#    aws appsync delete-api-key --api-id \"$API_ID\" --id \"$API_KEY\"\n";

static const char mws_token[] =
	"#. In Seller Central, under User Permissions, revoke the developer that has\n"
	"#  this token. The key pair of the developer is a finding of its own.\n";

static const char bearer_token[] =
	"# A token of 12 hours at most that cannot be revoked alone. These steps end\n"
	"# the sessions of the role that asked for it.\n";

static const char sso_token[] =
	"#. In IAM Identity Center, as its administrator, end the sessions of the\n"
	"#  user and disable the user while you look.\n"
	"#. Roles reached with it keep their sessions: revoke those in each permission\n"
	"#  set with a deny on aws:TokenIssueTime before now.\n";

static const char console_password[] =
	"#. Take the password away, as an administrator of @ACCOUNT@.\n"
	"USER_NAME='replace me'\n"
	"aws iam delete-login-profile --user-name \"$USER_NAME\"\n"
	"aws iam list-mfa-devices --user-name \"$USER_NAME\"\n"
	"aws iam list-access-keys --user-name \"$USER_NAME\"\n";

static const char canary_key[] =
	"# A canary: somebody planted this key to be told when it is used. Do not try\n"
	"# it, that raises the alarm. Ask the owners of this repository whether it is\n"
	"# theirs. There is nothing to revoke.\n";

static const char example_key[] =
	"# An example from documentation. There is nothing to revoke.\n";

static const char other_credential[] =
	"#. Find out what it opens and who owns it, and revoke it there.\n"
	"#. See in the logs of that service what was done with it, then replace it.\n";

#define PARTS 5
#define BEFORE_AWS 1136073600 /* 2006: a commit dated before is wrong, and CloudTrail might refuse the date */

struct recipe {
	const char *kind; /* NULL: any other */
	const char *arg;
	const char *parts[PARTS];
};

/* What the prefix of the key ID decides, whatever the kind around it. */
static const struct recipe long_term = { NULL, "", { find_user, switch_off, look_at_key, rotate_key } };
static const struct recipe temporary = { NULL, "", { find_role, deny_sessions, look_at_key } };

/* A word about the kind before the steps for its key ID. */
static const struct recipe intros[] = {
	{ "presigned-url", "", { signed_request } },
	{ "rds-auth-token", "", { signed_request } },
	{ "eks-token", "", { signed_request } },
	{ "bedrock-short-term-key", "", { signed_request } },
	{ "ses-smtp-password", "", { smtp_password } },
	{ NULL, "", { NULL } },
};

/* Kinds whose key ID is none, or is not there. */
static const struct recipe recipes[] = {
	{ "secret-access-key", "", { find_keys, switch_off, look_at_key, rotate_key } },
	{ "ses-smtp-password", "", { smtp_password, find_keys, switch_off, look_at_key, rotate_key } },
	{ "session-token", "", { name_role, deny_sessions } },
	{ "temporary-credentials", "", { name_role, deny_sessions } },
	{ "presigned-url", "", { signed_request, name_role, deny_sessions } },
	{ "rds-auth-token", "", { signed_request, name_role, deny_sessions } },
	{ "eks-token", "", { signed_request, name_role, deny_sessions } },
	{ "bedrock-short-term-key", "", { signed_request, name_role, deny_sessions } },
	{ "ecr-auth-token", "", { bearer_token, name_role, deny_sessions } },
	{ "codeartifact-token", "", { bearer_token, name_role, deny_sessions } },
	{ "signin-token", "", { bearer_token, name_role, deny_sessions } },
	{ "bedrock-api-key", "--service-name bedrock.amazonaws.com ",
	  { find_service_credential, look_at_user, delete_service_credential } },
	{ "cloudwatch-logs-api-key", "--service-name logs.amazonaws.com ",
	  { find_service_credential, look_at_user, delete_service_credential } },
	{ "claude-platform-api-key", "--service-name aws-external-anthropic.amazonaws.com ",
	  { find_service_credential, look_at_user, delete_service_credential } },
	{ "service-specific-credential", "", { find_service_credential, look_at_user, delete_service_credential } },
	{ "cloudfront-private-key", "", { cloudfront_key } },
	{ "cloudfront-signed-url", "", { cloudfront_key } },
	{ "appsync-api-key", "", { appsync_key } },
	{ "mws-auth-token", "", { mws_token } },
	{ "sso-token", "", { sso_token } },
	{ "console-password", "", { console_password, look_at_user } },
	{ NULL, "", { other_credential } },
};

static bool all_of(const char *s, size_t min, size_t max, int (*is)(int))
{
	size_t len = strlen(s);
	for (size_t i = 0; i < len; i++)
		if (!is((unsigned char)s[i]))
			return false;
	return len >= min && len <= max;
}

static int is_id(int c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static const struct recipe *find_recipe(const struct recipe *r, const char *kind)
{
	while (r->kind && strcmp(r->kind, kind) != 0)
		r++;
	return r;
}

struct fill {
	const struct finding *f;
	const char *arg, *indent;
	bool has_id;
	unsigned step;
};

static void fill_in(struct buf *out, const struct fill *fill, const char *name, size_t len)
{
	const struct finding *f = fill->f;
	if (len == 3 && !memcmp(name, "KEY", 3)) {
		buf_addstr(out, fill->has_id ? f->key_id : "\"$KEY_ID\"");
	} else if (len == 3 && !memcmp(name, "ARG", 3)) {
		buf_addstr(out, fill->arg);
	} else if (len == 5 && f->has_dates && f->first_seen > BEFORE_AWS) {
		buf_addstr(out, "--start-time ");
		words_utc(out, f->first_seen - 3600);
		buf_addch(out, ' ');
	} else if (len == 7) {
		bool known = all_of(f->account_id, 12, 12, isdigit);
		buf_addf(out, "%s%s", known ? "account " : "its account", known ? f->account_id : "");
	}
}

static void add_line(struct buf *out, struct fill *fill, const char *line, size_t len)
{
	buf_addstr(out, fill->indent);
	if (len > 2 && !memcmp(line, "#. ", 3)) {
		buf_addf(out, "# %u.", ++fill->step);
		line += 2;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		const char *end = line[i] == '@' ? memchr(line + i + 1, '@', len - i - 1) : NULL;
		if (end) {
			fill_in(out, fill, line + i + 1, (size_t)(end - line) - i - 1);
			i = (size_t)(end - line);
		} else {
			buf_addch(out, line[i]);
		}
	}
	buf_addch(out, '\n');
}

static void add_parts(struct buf *out, struct fill *fill, const struct recipe *r)
{
	fill->arg = r->arg;
	for (size_t i = 0; i < PARTS && r->parts[i]; i++)
		for (const char *line = r->parts[i], *end; *line; line = end + 1) {
			end = strchr(line, '\n');
			add_line(out, fill, line, (size_t)(end - line));
		}
}

void playbook_first_steps(struct buf *out, const struct finding *f, const char *indent)
{
	static const struct recipe canary = { NULL, "", { canary_key } }, example = { NULL, "", { example_key } };
	struct fill fill = { .f = f, .indent = indent, .has_id = all_of(f->key_id, 16, 32, is_id) };
	const char *kind = f->kind ? f->kind : "";
	bool is_long = fill.has_id && !memcmp(f->key_id, "AKIA", 4);
	bool is_short = fill.has_id && !memcmp(f->key_id, "ASIA", 4);
	if (f->canary) {
		add_parts(out, &fill, &canary);
	} else if (f->example) {
		add_parts(out, &fill, &example);
	} else if (is_long || is_short) {
		add_parts(out, &fill, find_recipe(intros, kind));
		add_parts(out, &fill, is_long ? &long_term : &temporary);
	} else {
		fill.has_id = false; /* an ID of another sort must not stand where an access key ID belongs */
		add_parts(out, &fill, find_recipe(recipes, kind));
	}
}
