#include "CCrossbar.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define ATTRIBUTES __attribute__((target("avx2,popcnt,bmi,bmi2")))
#define LEVEL 1
#define NAME "AVX2"
#define KERNEL crossbar_avx2
#include "kernel.inc"
#endif
