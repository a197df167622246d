package import SaltireCore
import SaltireLearning
package import SaltirePrograms

/// Programs of every form that there is, for claims about all of them.
package struct RandomPrograms {
  package var random: RandomStream
  /// What the lines are called; odd names too, unless a bench must know them.
  package var terminals: [Terminal] = ["RA", "GA1", "DA1", "RC", "", "Zeile α", "a b\tc"]

  package init(seed: UInt64) { random = RandomStream(seed: seed, name: "programs") }

  package mutating func program() -> Program { Program(steps(depth: 0)) }

  private mutating func below(_ count: Int) -> Int { Int(random.uniform() * Double(count)) }

  private mutating func steps(depth: Int) -> [Step] {
    (0..<below(5)).map { _ in step(depth: depth) }
  }

  private mutating func step(depth: Int) -> Step {
    switch below(depth < 3 ? 4 : 3) {
    case 0: return .train(train())
    case 1:
      let drives = (0..<below(3)).map { _ in
        Reading.Drive(terminal(), level: random.uniform(-0.2, 0.2))
      }
      let measures = (0..<below(4)).map { _ in terminal() }
      return .read(
        Reading(drives: drives, measures: measures, integration: random.uniform(0, 0.1)))
    case 2: return .rest(random.uniform(0, 10))
    default: return .repeat(below(6), steps(depth: depth + 1))
    }
  }

  private mutating func train() -> PulseTrain {
    let slots = 1 + below(200)
    let lines = (0..<below(4)).map { _ in
      let probability = random.uniform()
      let fires =
        random.uniform() < 0.3
        ? nil : BitTrain(probability: probability, count: slots, random: &random)
      return PulseTrain.Line(terminal(), level: random.uniform(-5, 5), fires: fires)
    }
    return PulseTrain(
      slots: slots, width: random.uniform(1e-6, 0.1), gap: random.uniform(0, 0.1), lines: lines)
  }

  private mutating func terminal() -> Terminal { terminals[below(terminals.count)] }
}
