// Vectors of 16 lanes, on every machine, and what cannot be said of them
// without naming its instructions: ATTRIBUTES and BITS are set before.
#pragma clang diagnostic ignored "-Wpsabi"  // every function with vectors is inlined
#pragma STDC FP_CONTRACT OFF
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef CROSSBAR_TYPES
#define CROSSBAR_TYPES
typedef float f16 __attribute__((ext_vector_type(16)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef uint32_t u16 __attribute__((ext_vector_type(16)));
typedef uint32_t u8 __attribute__((ext_vector_type(8)));
typedef uint64_t q8 __attribute__((ext_vector_type(8)));
typedef double d16 __attribute__((ext_vector_type(16)));
typedef int64_t l16 __attribute__((ext_vector_type(16)));
#endif

#define INLINE static inline __attribute__((always_inline)) ATTRIBUTES

// A bit a lane, set where the lane is negative.
INLINE uint32_t bits_of(i16 mask) {
#if LEVEL == 2
  return _mm512_movepi32_mask((__m512i)mask);
#elif LEVEL == 1
  return (uint32_t)_mm256_movemask_ps((__m256)mask.lo)
         | (uint32_t)_mm256_movemask_ps((__m256)mask.hi) << 8;
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < 16; lane++) bits |= (uint32_t)mask[lane] >> 31 << lane;
  return bits;
#endif
}

// The first floats at `from` go to the lanes whose bit is set, in order.
INLINE f16 expanded(uint32_t bits, const float *from) {
#if LEVEL == 2
  return (f16)_mm512_maskz_expand_ps((__mmask16)bits, _mm512_loadu_ps(from));
#elif LEVEL == 1
  const uint64_t ones = 0x0101010101010101, order = 0x0706050403020100;
  f16 out;
  uint64_t low = _pdep_u64(bits & 0xFF, ones) * 0xFF, high = _pdep_u64(bits >> 8, ones) * 0xFF;
  __m256i a = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)_pdep_u64(order, low)));
  __m256i b = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)_pdep_u64(order, high)));
  int taken = __builtin_popcount(bits & 0xFF);
  typedef float f8 __attribute__((ext_vector_type(8)));
  out.lo = (f8)_mm256_permutevar8x32_ps(_mm256_loadu_ps(from), a);
  out.hi = (f8)_mm256_permutevar8x32_ps(_mm256_loadu_ps(from + taken), b);
  return out;
#else
  f16 out = 0;
  for (int lane = 0; lane < 16; lane++) {
    out[lane] = *from;
    from += bits >> lane & 1;
  }
  return out;
#endif
}

// The lanes whose bit is set go to `to`, in order; up to 16 are written.
INLINE void compress(uint32_t bits, i16 from, int32_t *to) {
#if LEVEL == 2
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi32((__mmask16)bits, (__m512i)from));
#else
  for (; bits; bits &= bits - 1) *to++ = from[__builtin_ctz(bits)];
#endif
}

INLINE f16 load(const float *at) { return *(const f16 *)at; }
INLINE void store(float *at, f16 value) { *(f16 *)at = value; }

INLINE float sum_of(f16 v) {
  typedef float f8 __attribute__((ext_vector_type(8)));
  typedef float f4 __attribute__((ext_vector_type(4)));
  f8 a = v.lo + v.hi;
  f4 b = a.lo + a.hi;
  return (b.x + b.z) + (b.y + b.w);
}

// To the nearest integer, halves away from zero; of magnitudes below 2^31.
INLINE f16 rounded(f16 v) {
  f16 whole = __builtin_convertvector(__builtin_convertvector(v, i16), f16);
  f16 rest = v - whole;
  return whole + (rest >= 0.5f ? (f16)1.0f : rest <= -0.5f ? (f16)-1.0f : (f16)0.0f);
}

INLINE f16 magnitude(f16 v) { return (f16)((i16)v & 0x7FFFFFFF); }
