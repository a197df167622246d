#pragma once
#include <stdint.h>

/// Arithmetic of crosspoint arrays, the same source compiled for several
/// instruction sets. All of them give the same bits: the width of a vector is
/// 16 lanes whatever the machine has, products and sums are never contracted,
/// and logarithm, exponential, sine and cosine are the kernel's own.
///
/// Vectors of lines and rows of matrices are padded with zeros to multiples
/// of 16 and aligned to 64 bytes.

/// What a block of random numbers is for: the top four bits of its counter.
enum {
  CROSSBAR_ROW_TRAIN = 1,
  CROSSBAR_COLUMN_TRAIN = 2,
  CROSSBAR_CYCLE = 3,
  CROSSBAR_WRITE = 4,
  CROSSBAR_OUTPUT = 5,
  CROSSBAR_INPUT = 6,
};

/// Philox4x32-10 under `key`. The counter of a block is (index, group, low
/// word of epoch, high word of epoch with the purpose in its top four bits).
typedef struct {
  uint32_t key[2];
  uint64_t epoch;
} crossbar_stream;

enum {
  CROSSBAR_LINEAR = 0,
  CROSSBAR_LINEAR_ADDITIVE = 1,
  CROSSBAR_EXPONENTIAL = 2,
  CROSSBAR_POWER = 3,
  CROSSBAR_PIECEWISE = 4,
};

/// What `pulse` returns, having moved no device, where it does not know their law.
static const uint64_t CROSSBAR_UNKNOWN_LAW = UINT64_MAX;

/// The devices of an array, row by row, `stride` to a row. What belongs to
/// down pulses has its sign changed, so that every pulse adds its step.
#define CROSSBAR_DEVICES(name, real)                                        \
  typedef struct {                                                          \
    int32_t law, rows, columns, stride;                                     \
    real *weight, *apparent;                                                \
    const real *low, *high, *scale_up, *scale_down;                         \
    /* Slopes of the linear laws, exponents of the power law. */            \
    const real *slope_up, *slope_down;                                      \
    /* Additive noise: its standard deviation in units of `cycle`. */       \
    const real *spread_up, *spread_down;                                    \
    real cycle, write;                                                      \
    /* Exponential: 2a, b, A+, A-, gamma+, gamma-, offset, slope of noise. */ \
    real constants[8];                                                      \
    const real *nodes_up, *nodes_down;                                      \
    int32_t sections;                                                       \
  } name;
CROSSBAR_DEVICES(crossbar_devices, float)
CROSSBAR_DEVICES(crossbar_devices_double, double)

enum {
  /// Coincidences of bits.
  CROSSBAR_STOCHASTIC = 0,
  /// Rounded product of the numbers of pulses of both lines over the length.
  CROSSBAR_MEAN_COUNT = 1,
  /// Rounded product of both probabilities and the length.
  CROSSBAR_IMPLICIT = 2,
};

/// The trains of all lines of one update.
typedef struct {
  int32_t kind;
  /// Slots.
  int32_t length;
  /// Bits, 32 slots a word: word k of line i is at `k * padded lines + i`.
  const uint32_t *row_bits, *column_bits;
  /// Pulses or probabilities where the kind is not stochastic.
  const float *row_share, *column_share;
  /// -1 for lines of negative value, else 0.
  const int32_t *row_sign, *column_sign;
  /// First columns of the blocks of 16 in which any column fires.
  const int32_t *blocks;
  int32_t block_count;
  /// Of all columns together, where the kind is stochastic.
  int64_t column_pulses;
} crossbar_trains;

/// One instruction set's functions.
typedef struct {
  const char *name;

  /// Words 4i to 4i+3 of `out` are block `first + i` of group `group`.
  void (*words)(crossbar_stream stream, uint32_t purpose, uint32_t group, uint32_t first,
                uint32_t blocks, uint32_t *out);

  /// `count` (a multiple of 64) standard normal deviates of a group.
  void (*normals)(crossbar_stream stream, uint32_t purpose, uint32_t group, uint32_t count,
                  float *out);

  /// Bernoulli trains: slot k of line i fires with probability
  /// min(1, gain * |values[i]|).
  void (*bernoulli)(crossbar_stream stream, uint32_t purpose, const float *values, float gain,
                    int32_t padded, int32_t length, uint32_t *bits, int32_t *signs);

  /// The pulses of one update, to whole groups of 16 rows; the sum of pulses, or
  /// `CROSSBAR_UNKNOWN_LAW`.
  uint64_t (*pulse)(const crossbar_devices *devices, const crossbar_trains *trains,
                    crossbar_stream stream, int32_t first_row, int32_t last_row);

  /// y = W x, the sum of a row over 16 lanes first.
  void (*multiply)(const float *w, int32_t rows, int32_t stride, const float *x, float *y);

  /// z = transposed W times d, row after row, rows of d = 0 left out.
  void (*multiply_transposed)(const float *w, int32_t rows, int32_t stride, const float *d,
                              float *z);

  /// w += scale * d transposed x.
  void (*add_product)(float *w, int32_t rows, int32_t stride, const float *d, const float *x,
                      float scale);

  /// out = scale * (round(x / resolution) * resolution clipped to the bound);
  /// resolution 0 leaves x as it is. Returns how many lay beyond the bound.
  int32_t (*quantise)(const float *x, int32_t padded, float before, float resolution, float bound,
                      float after, float *out);

  /// The largest magnitude.
  float (*largest)(const float *x, int32_t padded);

  /// One step of long short-term memory cells. `gates` are 4 x `padded` sums
  /// (input, forget, candidate, output) and become their activations.
  void (*cells)(float *gates, const float *before, float *state, float *squashed, float *output,
                int32_t padded);

  /// The step backward: from the errors of output and state to those of the
  /// gates' sums and of the state before.
  void (*cells_back)(const float *gates, const float *before, const float *squashed,
                     const float *output_error, float *state_error, float *gate_errors,
                     int32_t padded);

  /// Elementwise activations: 0 identity, 1 sigmoid, 2 tanh, 3 rectified
  /// linear; and error times derivative, by the activation's value.
  void (*activate)(int32_t kind, float *values, int32_t padded);
  void (*activate_back)(int32_t kind, const float *values, float *errors, int32_t padded);

  /// Probabilities of `count` classes from their logits, in place.
  void (*softmax)(float *logits, int32_t count, int32_t padded);

  /// out = scale * (a - b).
  void (*difference)(const float *a, const float *b, float scale, int64_t padded, float *out);

  /// Fills in the blocks of some trains and their number of pulses.
  void (*firing_blocks)(crossbar_trains *trains, int32_t padded, int32_t *blocks);
} crossbar_kernel;

/// Kernel 0 is portable, 1 needs AVX2, 2 AVX-512; null where the machine
/// lacks what it needs.
const crossbar_kernel *crossbar_kernel_number(int32_t number);

/// `pulse` in double precision, portable, with the same deviates.
uint64_t crossbar_pulse_double(const crossbar_devices_double *devices,
                               const crossbar_trains *trains, crossbar_stream stream,
                               int32_t first_row, int32_t last_row);
