/// The candidate that `word` was probably meant to be: the nearest within a third of its letters
/// (at least one) by insertions, deletions, replacements and swaps of neighbours; nil if none is
/// near enough.
public func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
  let reach = max(1, word.count / 3)
  let near = candidates.map { ($0, editDistance(word, $0)) }.filter { $0.1 <= reach }
  return near.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

/// The optimal string alignment distance of two words, ignoring case.
private func editDistance(_ first: String, _ second: String) -> Int {
  let a = Array(first.lowercased())
  let b = Array(second.lowercased())
  var rows = [[Int]](
    repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
  for i in 0...a.count { rows[i][0] = i }
  for j in 0...b.count { rows[0][j] = j }
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  for i in 1...a.count {
    for j in 1...b.count {
      let same = a[i - 1] == b[j - 1]
      var best = min(
        rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        best = min(best, rows[i - 2][j - 2] + 1)
      }
      rows[i][j] = best
    }
  }
  return rows[a.count][b.count]
}
