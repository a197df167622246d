public import SaltireDevices

extension CrossedSwords {
  /// The measured device as a device family without spread: a linear step, weight 0 at the symmetry
  /// point (or at the middle of the window if there is none), and a window of two weight units.
  public var model: DeviceModel {
    let zero = symmetryPoint?.value ?? (window.min + window.max) / 2
    var model = DeviceModel(
      law: .linearStep(gammaUp: gammaUp, gammaDown: gammaDown, allowIncreasing: true),
      step: step / weightScale, weightMin: min((window.min - zero) / weightScale, 0),
      weightMax: max((window.max - zero) / weightScale, 0))
    model.cycleToCycle = cycleToCycle
    return model
  }
}
