using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.TestTools;

/// <summary>Puts programs that were unpacked into this process's <c>PATH</c>, for shells that look for them there.</summary>
internal static class UnpackedPath
{
    private static readonly Lock Once = new();
    private static string? _folder;

    /// <summary>Has shells that are started from here find the program, with its libraries. One that is installed is found anyway.</summary>
    public static void Use(UnpackedTool tool)
    {
        if (tool.Program is not { } program || tool.Libraries.Value.Length == 0) return;
        lock (Once)
        {
            _folder ??= Directory.CreateTempSubdirectory("prodops-path-").FullName;
            string path = Path.Join(_folder, Path.GetFileName(program));
            File.WriteAllText(path, $"#!/bin/sh\n{tool.Libraries.Name}='{tool.Libraries.Value}' exec '{program}' \"$@\"\n");
            Tool.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            string before = Environment.GetEnvironmentVariable("PATH") ?? "";
            if (!before.StartsWith(_folder, StringComparison.Ordinal)) Environment.SetEnvironmentVariable("PATH", $"{_folder}:{before}");
        }
    }
}
