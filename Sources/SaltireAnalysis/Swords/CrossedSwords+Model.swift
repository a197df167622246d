public import SaltireDevices

extension CrossedSwords {
  /// The measured device as a family of devices without spread: a linear step,
  /// weight 0 at the symmetry point (the middle of the window where there is
  /// none), the window two weight units wide.
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
