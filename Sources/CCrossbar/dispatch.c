#include <stddef.h>

#include "CCrossbar.h"

extern const crossbar_kernel crossbar_portable;
#if defined(__x86_64__)
extern const crossbar_kernel crossbar_avx2, crossbar_avx512;
#endif

const crossbar_kernel *crossbar_kernel_number(int32_t number) {
  if (number == 0) return &crossbar_portable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (number == 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
    return &crossbar_avx2;
  if (number == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("bmi2"))
    return &crossbar_avx512;
#endif
  return NULL;
}
