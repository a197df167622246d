#include "CCrossbar.h"

#include <math.h>

#define ATTRIBUTES
#define LEVEL 0
#define NAME "portable"
#define KERNEL crossbar_portable
#include "kernel.inc"

// The same pulses in double precision; its exponentials are the library's.

INLINE d16 exp_double(d16 x) {
  for (int lane = 0; lane < 16; lane++) x[lane] = exp(x[lane]);
  return x;
}

INLINE d16 pow_double(d16 base, d16 exponent) {
  for (int lane = 0; lane < 16; lane++) base[lane] = pow(base[lane], exponent[lane]);
  return base;
}

#define REAL double
#define REAL16 d16
#define REAL_MASK l16
#define MASK(m) __builtin_convertvector(m, l16)
#define R(name) name##_double
#define crossbar_DEVICES crossbar_devices_double
#define REAL_IS_FLOAT 0
#include "pulse.inc"

#include "sparse.inc"

uint64_t crossbar_pulse_double(const crossbar_devices_double *devices,
                               const crossbar_trains *trains, crossbar_stream stream,
                               int32_t first_row, int32_t last_row) {
  return pulse_double(devices, trains, stream, first_row, last_row);
}
