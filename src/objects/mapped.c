#include "objects/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum status mapped_open(struct bytes *out, const char *path)
{
	struct stat st;
	*out = bytes_of(NULL, 0);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? KH_MISSING : KH_IO;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return KH_IO;
	}
	void *p = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	close(fd);
	if (p == MAP_FAILED)
		return KH_IO;
	*out = bytes_of(p, (size_t)st.st_size);
	return KH_OK;
}

void mapped_close(struct bytes *b)
{
	if (b->len)
		munmap((void *)(uintptr_t)b->ptr, b->len);
	*b = bytes_of(NULL, 0);
}
