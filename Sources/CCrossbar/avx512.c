#include "CCrossbar.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define ATTRIBUTES                                                                          \
  __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt,"  \
                        "bmi,bmi2"),                                                        \
                 min_vector_width(512)))
#define LEVEL 2
#define NAME "AVX-512"
#define KERNEL crossbar_avx512
#include "kernel.inc"
#endif
