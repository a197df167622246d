/// Zeroed memory for kernels: aligned to a vector, and a whole number of vectors long.
// Unchecked: threads that share one use different parts of it.
final class Memory<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  /// The number of elements in use.
  let count: Int
  /// The number of allocated elements; those beyond `count` stay zero.
  let padded: Int

  /// - Parameter zero: the zero element.
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

  /// The elements in use.
  var values: [Element] {
    get { Array(UnsafeBufferPointer(start: pointer, count: count)) }
    set {
      precondition(newValue.count == count, "as many values as the memory holds")
      newValue.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress!, count: count) }
    }
  }

  /// Copies the elements of another memory of the same size.
  func copy(_ other: Memory<Element>) {
    pointer.update(from: other.pointer, count: padded)
  }
}

extension Memory where Element: Numeric {
  convenience init(_ count: Int) { self.init(count, zero: 0) }
}
