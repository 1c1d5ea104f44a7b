namespace ProdOps.Testing;

/// <summary>Where commands that a test runs keep what they have proved: not among the evidence of whoever runs the tests.</summary>
internal static class TestEvidence
{
    public const string Variable = "PRODOPS_EVIDENCE_STORE";

    public static string Folder { get; } = Make();

    private static string Make()
    {
        string folder = Directory.CreateTempSubdirectory("prodops-evidence-").FullName;
        Environment.SetEnvironmentVariable(Variable, folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
