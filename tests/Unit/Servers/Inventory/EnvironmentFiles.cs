using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

/// <summary>A folder with the files of an environment.</summary>
internal sealed class EnvironmentFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("prodops-environment-").FullName;

    public string Write(string name, string text)
    {
        string path = Path.Join(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public EnvironmentReading Read(string text) => EnvironmentReader.Read(Write("environment.psd1", text));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Reads one text and forgets it.</summary>
    public static EnvironmentReading ReadText(string text)
    {
        using var files = new EnvironmentFiles();
        return files.Read(text);
    }
}
