import SaltireRecords
import Testing

@testable import SaltireExperiments

/// A session stores a verdict under its code, every value under a name.
@Suite struct TrainingVerdictTests {
  @Test(
    arguments: [
      (
        .device(name: "A1", verdict: .notConverged(pairs: 400)),
        #"{"device":{"name":"A1","verdict":{"not_converged":{"pairs":400}}}}"#
      ),
      (
        .symmetryPointsMoved(stop: .init(beyond: [:], tolerance: 0.5)),
        #"{"symmetry_points_moved":{"stop":{"beyond":{},"rest":0,"rests":0,"tolerance":0.5}}}"#
      ),
      (
        .restless(parameter: 0, radiusRatio: 0.75),
        #"{"restless":{"parameter":0,"radius_ratio":0.75}}"#
      ),
    ] as [(TrainingVerdict, String)])
  func valuesHaveNames(verdict: TrainingVerdict, json: String) {
    #expect(JSONText.encode(verdict) == json)
    #expect(JSONText.decode(TrainingVerdict.self, from: json) == verdict)
  }
}
