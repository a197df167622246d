/// Zeroed memory as kernels want it: aligned to a vector, and a whole number
/// of vectors long.
// Unchecked: whoever shares one between threads divides it among them.
final class Memory<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  /// Elements that are meant.
  let count: Int
  /// Elements that there are; those beyond `count` stay zero.
  let padded: Int

  /// - Parameter zero: what zero is.
  init(_ count: Int, zero: Element) {
    self.count = count
    padded = max(Kernel.padded(count), Kernel.lanes)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: padded * MemoryLayout<Element>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Element.self, capacity: padded)
    pointer.initialize(repeating: zero, count: padded)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  subscript(index: Int) -> Element {
    get { pointer[index] }
    set { pointer[index] = newValue }
  }

  /// The elements that are meant.
  var values: [Element] {
    get { Array(UnsafeBufferPointer(start: pointer, count: count)) }
    set {
      precondition(newValue.count == count, "as many values as there is room for")
      newValue.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress!, count: count) }
    }
  }

  /// Takes over the elements of another of the same size.
  func copy(_ other: Memory<Element>) {
    pointer.update(from: other.pointer, count: padded)
  }
}

extension Memory where Element: Numeric {
  convenience init(_ count: Int) { self.init(count, zero: 0) }
}
