/* prepared.c: src/prepare.c ran while building; the file it wrote is part of the program. */
#include "commands/prepared.h"

extern const uint8_t kh_prepared[], kh_prepared_end[];
__asm__(".section .rodata\n"
	".globl kh_prepared, kh_prepared_end\n"
	".balign 8\n"
	"kh_prepared: .incbin \"" KH_PREPARED "\"\n"
	"kh_prepared_end:\n"
	".previous\n");

struct bytes prepared_matcher(void)
{
	return bytes_of(kh_prepared, (size_t)(kh_prepared_end - kh_prepared));
}
