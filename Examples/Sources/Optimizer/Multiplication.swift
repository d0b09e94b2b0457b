/// A way to compile the product of two square matrices, and what it needs to succeed.
struct Compiler: Sendable {
  /// Why a compiler cannot take a model.
  struct Failure: Error {}

  let name: String
  let techniques: [Technique]
  private let multiply: @Sendable (Int, [Float], [Float]) throws(Failure) -> [Float]

  /// How the numbers are held while they are multiplied.
  enum Technique: String, CaseIterable {
    case none, half, dynamic
  }

  /// Returns how long the fastest of a few runs takes.
  ///
  /// - Throws: `Failure` when the compiler cannot take this size.
  func latency(of size: Int, technique: Technique, runs: Int = 3) throws(Failure) -> Duration {
    let left = technique.reduced((0..<size * size).map { Float($0 % 13) / 13 })
    let right = technique.reduced((0..<size * size).map { Float($0 % 7) / 7 })
    var best = Duration.seconds(3600)
    var trace: Float = 0
    for _ in 0..<runs {
      let clock = ContinuousClock()
      let start = clock.now
      let product = try multiply(size, left, right)
      best = min(best, start.duration(to: clock.now))
      trace += product[0]
    }
    // The sum is used, or an optimiser might leave the work out.
    return trace.isNaN ? .zero : best
  }

  static let original = Compiler(name: "original", techniques: [.none], multiply: rowByColumn)
  static let all = [
    Compiler(name: "transposed", techniques: [.none, .half], multiply: transposed),
    Compiler(name: "blocked", techniques: [.none, .dynamic], multiply: blocked),
    Compiler(name: "vectorized", techniques: [.none, .half, .dynamic], multiply: vectorized),
  ]
}

extension Compiler.Technique {
  /// The numbers with the precision this technique leaves them.
  func reduced(_ values: [Float]) -> [Float] {
    switch self {
    case .none: values
    // Ten bits of fraction, as half precision has.
    case .half: values.map { Float(bitPattern: $0.bitPattern & ~0x1FFF) }
    case .dynamic:
      {
        let scale = (values.map(abs).max() ?? 1) / 127
        return values.map { scale == 0 ? 0 : ($0 / scale).rounded() * scale }
      }()
    }
  }
}

@Sendable private func rowByColumn(_ size: Int, _ left: [Float], _ right: [Float]) -> [Float] {
  var product = [Float](repeating: 0, count: size * size)
  for row in 0..<size {
    for column in 0..<size {
      var sum: Float = 0
      for k in 0..<size { sum += left[row * size + k] * right[k * size + column] }
      product[row * size + column] = sum
    }
  }
  return product
}

@Sendable private func transposed(_ size: Int, _ left: [Float], _ right: [Float]) -> [Float] {
  var turned = right
  for row in 0..<size { for column in 0..<size { turned[column * size + row] = right[row * size + column] } }
  var product = [Float](repeating: 0, count: size * size)
  for row in 0..<size {
    for column in 0..<size {
      var sum: Float = 0
      for k in 0..<size { sum += left[row * size + k] * turned[column * size + k] }
      product[row * size + column] = sum
    }
  }
  return product
}

@Sendable private func blocked(
  _ size: Int, _ left: [Float], _ right: [Float]
) throws(Compiler.Failure) -> [Float] {
  let block = 8
  // Only whole blocks: a size that leaves a rest makes this compiler fail, as real ones do.
  guard size % block == 0 else { throw Compiler.Failure() }
  var product = [Float](repeating: 0, count: size * size)
  for rows in stride(from: 0, to: size, by: block) {
    for ks in stride(from: 0, to: size, by: block) {
      for row in rows..<rows + block {
        for k in ks..<ks + block {
          let factor = left[row * size + k]
          for column in 0..<size { product[row * size + column] += factor * right[k * size + column] }
        }
      }
    }
  }
  return product
}

@Sendable private func vectorized(_ size: Int, _ left: [Float], _ right: [Float]) throws(Compiler.Failure)
  -> [Float]
{
  guard size % 4 == 0 else { throw Compiler.Failure() }
  var product = [Float](repeating: 0, count: size * size)
  for row in 0..<size {
    for column in stride(from: 0, to: size, by: 4) {
      var sum = SIMD4<Float>.zero
      for k in 0..<size {
        let place = k * size + column
        sum +=
          left[row * size + k]
          * SIMD4(right[place], right[place + 1], right[place + 2], right[place + 3])
      }
      for lane in 0..<4 { product[row * size + column + lane] = sum[lane] }
    }
  }
  return product
}
