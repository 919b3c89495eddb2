#include "commands/uses.h"

#include <string.h>


static const struct prefix prefixes[] = {
	{ "AKIA", "access-key-id", true, NULL },
	{ "ASIA", "access-key-id", true, NULL },
	{ "ABIA", NULL, false, "the ID of an STS bearer token; the ID alone opens nothing" },
	{ "ACCA", NULL, false, "the ID of a service-specific credential; its secret is another text" },
	{ "APKA", NULL, false, "the ID of a public key (SSH key of CodeCommit, CloudFront key pair); the private key is what opens things" },
	{ "AIDA", NULL, false, "the unique ID of an IAM user" },
	{ "AROA", NULL, false, "the unique ID of a role" },
	{ "AGPA", NULL, false, "the unique ID of a group" },
	{ "AIPA", NULL, false, "the unique ID of an instance profile" },
	{ "ANPA", NULL, false, "the unique ID of a managed policy" },
	{ "ANVA", NULL, false, "the unique ID of a policy's version" },
	{ "ASCA", NULL, false, "the unique ID of a certificate" },
	{ "LKIA", NULL, false, "an ID of LocalStack's: it opens nothing at AWS" },
	{ "LSIA", NULL, false, "an ID of LocalStack's: it opens nothing at AWS" },
};

const struct prefix *uses_prefix(const char *text)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (!strncmp(text, prefixes[i].letters, 4))
			return &prefixes[i];
	return NULL;
}

static const struct { const char *kind, *use; } uses[] = {
	{ "access-key-pair", "every AWS API that its user may call, from anywhere, until it is switched off" },
	{ "temporary-credentials", "every AWS API that its role or user may call, for 36 hours at most" },
	{ "secret-access-key", "with its key ID, every AWS API that its user may call" },
	{ "access-key-id", "nothing without its secret; it names the account and, to an administrator, the user" },
	{ "key-id-mention", "nothing without its secret; it names the account and, to an administrator, the user" },
	{ "session-token", "nothing without the key ID and the secret that it belongs to" },
	{ "bedrock-api-key", "Amazon Bedrock, as the IAM user it was made for" },
	{ "bedrock-short-term-key", "Amazon Bedrock, as whoever signed it, for 12 hours at most" },
	{ "cloudwatch-logs-api-key", "writing to CloudWatch Logs" },
	{ "claude-platform-api-key", "Claude Platform on AWS, as the IAM user it was made for" },
	{ "service-specific-credential", "the one service it was made for, CodeCommit or Keyspaces, as its IAM user" },
	{ "ses-smtp-password", "sending mail through Amazon SES, with the key ID as the user name" },
	{ "mws-auth-token", "nothing any more: Amazon MWS ended in 2024; it names a seller" },
	{ "appsync-api-key", "the one GraphQL API it belongs to" },
	{ "presigned-url", "the one request that it signs, by anybody, until it expires" },
	{ "rds-auth-token", "logging in to the one database, within 15 minutes" },
	{ "eks-token", "the Kubernetes API of an EKS cluster, within 15 minutes" },
	{ "ecr-auth-token", "pulling and pushing container images, for 12 hours" },
	{ "codeartifact-token", "packages in CodeArtifact, for 12 hours" },
	{ "sso-token", "getting credentials for every account and role of its user; a refresh token for up to 90 days" },
	{ "signin-token", "opening the console as its role" },
	{ "cloudfront-private-key", "signing URLs and cookies for every file of the distributions that trust it" },
	{ "cloudfront-signed-url", "the files that it names, until it expires" },
	{ "console-password", "signing in to the console, unless a second factor is asked for" },
	{ "example-key", "nothing: it is published as an example" },
};

const char *uses_of(const char *kind)
{
	for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
		if (!strcmp(kind, uses[i].kind))
			return uses[i].use;
	return "what the pattern that knows it says: keyhunt patterns";
}

