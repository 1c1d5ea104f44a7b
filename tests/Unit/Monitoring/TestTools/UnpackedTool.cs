using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.TestTools;

/// <summary>A server program that the test run unpacks, since its package would start it; an installed one will do.</summary>
internal sealed class UnpackedTool
{
    private readonly string? _root;

    private UnpackedTool(string folder, string program)
    {
        _root = Path.Join(Built.Root, "artifacts/tools", folder);
        string unpacked = Path.Join(_root, "usr/sbin", program);
        if (File.Exists(unpacked)) Program = unpacked;
        else (Program, _root) = (Tool.Find(program), null);
    }

    public static UnpackedTool HAProxy { get; } = new("haproxy", "haproxy");

    public static UnpackedTool Snmpd { get; } = new("snmpd", "snmpd");

    /// <summary>Its path; <see langword="null"/> if it is not there.</summary>
    public string? Program { get; }

    /// <summary>Where its libraries are.</summary>
    public (string Name, string Value) Libraries => ("LD_LIBRARY_PATH", _root is null ? "" : string.Join(':', ((string[])["usr/lib", "lib"])
        .Select(folder => Path.Join(_root, folder)).Where(Directory.Exists).SelectMany(folder => Directory.GetDirectories(folder, "*-linux-*").Prepend(folder))));
}

/// <summary>A test that needs such a program.</summary>
internal sealed class UnpackedFactAttribute : FactAttribute
{
    public UnpackedFactAttribute(string program) =>
        Skip = Requirements.Linux ?? ((program == "haproxy" ? UnpackedTool.HAProxy : UnpackedTool.Snmpd).Program is null ? $"needs {program} (tests/run.sh unpacks it)" : null);
}

/// <inheritdoc cref="UnpackedFactAttribute"/>
internal sealed class UnpackedTheoryAttribute : TheoryAttribute
{
    public UnpackedTheoryAttribute(string program) => Skip = new UnpackedFactAttribute(program).Skip;
}
