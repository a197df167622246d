public import SaltireAnalysis

extension Finding where Value == CrossedSwords {
  /// The analysed crossed swords of a device: what later turns it into a device of a
  /// simulated array.
  public static var swords: Finding { Finding("swords") }
}
