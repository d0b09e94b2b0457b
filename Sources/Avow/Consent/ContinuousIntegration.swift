/// Finds out whether a continuous-integration service runs the program, by the variables these set.
enum ContinuousIntegration {
  private static let table: [(variable: String, vendor: String)] = [
    ("GITHUB_ACTIONS", "GitHub Actions"), ("GITLAB_CI", "GitLab CI"), ("CIRCLECI", "CircleCI"),
    ("TRAVIS", "Travis CI"), ("JENKINS_URL", "Jenkins"), ("BUILDKITE", "Buildkite"),
    ("APPVEYOR", "AppVeyor"), ("TF_BUILD", "Azure Pipelines"), ("BITBUCKET_BUILD_NUMBER", "Bitbucket"),
    ("TEAMCITY_VERSION", "TeamCity"), ("DRONE", "Drone"), ("CIRRUS_CI", "Cirrus CI"),
    ("CODEBUILD_BUILD_ID", "AWS CodeBuild"), ("SEMAPHORE", "Semaphore"), ("WOODPECKER", "Woodpecker"),
    ("FORGEJO_ACTIONS", "Forgejo Actions"), ("GITEA_ACTIONS", "Gitea Actions"), ("CODEMAGIC_ID", "Codemagic"),
    ("BITRISE_IO", "Bitrise"), ("XCS", "Xcode Server"), ("CI_XCODEBUILD_ACTION", "Xcode Cloud"),
    ("VERCEL", "Vercel"), ("NETLIFY", "Netlify"), ("bamboo_planKey", "Bamboo"), ("GO_PIPELINE_NAME", "GoCD"),
    ("PROW_JOB_ID", "Prow"), ("BUDDY", "Buddy"), ("SCREWDRIVER", "Screwdriver"),
  ]

  /// Returns the service's name, `other` for one that only sets `CI`, `nil` where there is none.
  static func vendor(_ value: (String) -> String?) -> String? {
    for (variable, vendor) in table where isOn(value(variable)) { return vendor }
    return isOn(value("CI")) || isOn(value("CONTINUOUS_INTEGRATION")) ? "other" : nil
  }

  private static func isOn(_ value: String?) -> Bool {
    guard let value else { return false }
    return !["", "0", "false"].contains(value.lowercased())
  }
}
