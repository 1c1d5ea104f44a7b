// Elsewhere every test is skipped.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
