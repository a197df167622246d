#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The library's natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }

/// The library's power.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
