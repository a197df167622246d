public import SaltireAnalysis

extension Finding where Value == CrossedSwords {
  /// The analysed crossed swords of a device, from which a device of a simulated array can be made.
  public static var swords: Finding { Finding("swords") }
}
