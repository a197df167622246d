extension DeviceModel {
  /// Names that `preset(_:)` knows.
  public static let presetNames = [
    "EcRam", "EcRamMO", "GokmenVlasov", "Idealized", "ReRamES", "ReRamSB",
  ]

  /// A published device by the name it has in aihwkit
  /// (simulator/presets/devices.py, without "PresetDevice"); nil for any other
  /// name.
  ///
  /// * EcRam: lithium ECRAM of Tang et al., IEDM 2018, shifted so that the
  ///   symmetry point is at 0.
  /// * EcRamMO: metal-oxide ECRAM of Kim et al., IEDM 2019, shifted alike.
  /// * GokmenVlasov: the specification of Gokmen & Vlasov 2016 on −1…1.
  /// * Idealized: the same with 10,000 states and no asymmetry (Rasch, Gokmen
  ///   & Haensch 2019).
  /// * ReRamES, ReRamSB: exponential-step and soft-bounds fits to the ReRAM of
  ///   Gong et al., Nat. Commun. 2018.
  public static func preset(_ name: String) -> DeviceModel? {
    switch name {
    case "EcRam":
      ecram(step: 0.002, 1.1724, -0.8276, gammaUp: 0.1153, gammaDown: 0.5085, cycleToCycle: 0.3)
    case "EcRamMO":
      ecram(
        step: 2.8214e-4, 1.1714, -0.8286, gammaUp: 0.4152, gammaDown: 0.7342, cycleToCycle: 2)
    case "GokmenVlasov": constant(step: 0.0016, upDownSpread: 0.01)
    case "Idealized": constant(step: 0.0002, upDownSpread: 0)
    case "ReRamES": reRamES
    case "ReRamSB": reRamSB
    default: nil
    }
  }

  private static func ecram(
    step: Double, _ weightMax: Double, _ weightMin: Double,
    gammaUp: Double, gammaDown: Double, cycleToCycle: Double
  ) -> DeviceModel {
    var model = DeviceModel(
      law: .linearStep(
        gammaUp: gammaUp, gammaDown: gammaDown, gammaUpSpread: 0.05, gammaDownSpread: 0.05),
      step: step, weightMin: weightMin, weightMax: weightMax)
    model.stepSpread = 0.1
    model.upDownSpread = 0.01
    model.weightMaxSpread = 0.05
    model.weightMinSpread = 0.05
    model.cycleToCycle = cycleToCycle
    return model
  }

  private static func constant(step: Double, upDownSpread: Double) -> DeviceModel {
    var model = DeviceModel(law: .constantStep, step: step)
    model.stepSpread = 0.3
    model.upDownSpread = upDownSpread
    model.weightMaxSpread = 0.3
    model.weightMinSpread = 0.3
    model.cycleToCycle = 0.3
    return model
  }

  private static var reRamES: DeviceModel {
    var model = DeviceModel(
      law: .expStep(
        a: -0.5, b: -0.5, amplitudeUp: -1.18445, amplitudeDown: -0.081404,
        gammaUp: 5, gammaDown: 5),
      step: 0.00135)
    model.upDown = 0.259359
    model.stepSpread = 0.2
    model.upDownSpread = 0.05
    model.weightMaxSpread = 0.3
    model.weightMinSpread = 0.3
    model.cycleToCycle = 5
    model.writeNoise = 75
    return model
  }

  private static var reRamSB: DeviceModel {
    var model = DeviceModel(
      law: .softBoundsReference(), step: 0.002, weightMin: -0.75, weightMax: 1.25)
    model.multiplicativeNoise = false
    model.stepSpread = 0.3
    model.upDownSpread = 0.01
    model.weightMaxSpread = 0.24
    model.weightMinSpread = 0.4
    model.cycleToCycle = 3.75
    model.writeNoise = 56
    return model
  }
}
