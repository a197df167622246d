#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The C library's natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }

/// The C library's power function.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
