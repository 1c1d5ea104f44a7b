namespace ProdOps.Servers.Tests.TestTools;

/// <summary>The clone that the tests were built in. (What the compiler says of a source file's place is made neutral in builds for others.)</summary>
internal static class Clone
{
    public static string PathOf(params string[] parts)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Join(folder, "ProdOps.sln"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine([folder ?? throw new DirectoryNotFoundException("The clone was not found."), .. parts]);
    }
}
