using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.TestTools;

/// <summary>A server program that the test run unpacks, since its package would start it; an installed one will do.</summary>
internal sealed class UnpackedTool
{
    private readonly string? _root;

    private UnpackedTool(string folder, string program)
    {
        _root = Path.Join(Built.Root, "artifacts/tools", folder);
        Program = ((string[])["usr/sbin", "usr/bin"]).Select(place => Path.Join(_root, place, program)).FirstOrDefault(File.Exists);
        if (Program is null) (Program, _root) = (Tool.Find(program), null);
    }

    public static UnpackedTool HAProxy { get; } = new("haproxy", "haproxy");

    public static UnpackedTool Nginx { get; } = new("nginx", "nginx");

    public static UnpackedTool Keepalived { get; } = new("keepalived", "keepalived");

    public static UnpackedTool Snmpd { get; } = new("snmpd", "snmpd");

    public static UnpackedTool Prometheus { get; } = new("prometheus", "prometheus");

    public static UnpackedTool Promtool { get; } = new("prometheus", "promtool");

    public static UnpackedTool VictoriaMetrics { get; } = new("victoria-metrics", "victoria-metrics");

    public static UnpackedTool NodeExporter { get; } = new("node-exporter", "prometheus-node-exporter");

    /// <summary>The tool of a program.</summary>
    public static UnpackedTool Of(string program) => program switch
    {
        "haproxy" => HAProxy,
        "nginx" => Nginx,
        "keepalived" => Keepalived,
        "snmpd" => Snmpd,
        "prometheus" => Prometheus,
        "promtool" => Promtool,
        "victoria-metrics" => VictoriaMetrics,
        "prometheus-node-exporter" => NodeExporter,
        _ => throw new ArgumentOutOfRangeException(nameof(program)),
    };

    /// <summary>Its path; <see langword="null"/> if it is not there.</summary>
    public string? Program { get; }

    /// <summary>Where its libraries are.</summary>
    public (string Name, string Value) Libraries => ("LD_LIBRARY_PATH", _root is null ? "" : string.Join(':', ((string[])["usr/lib", "lib"])
        .Select(folder => Path.Join(_root, folder)).Where(Directory.Exists).SelectMany(folder => Directory.GetDirectories(folder, "*-linux-*").Prepend(folder))));
}

/// <summary>A test that needs such a program.</summary>
internal sealed class UnpackedFactAttribute : FactAttribute
{
    public UnpackedFactAttribute(params string[] programs) =>
        Skip = Requirements.Linux ?? (Array.Find(programs, static program => UnpackedTool.Of(program).Program is null) is { } missing ? $"needs {missing} (tests/run.sh unpacks it)" : null);
}

/// <inheritdoc cref="UnpackedFactAttribute"/>
internal sealed class UnpackedTheoryAttribute : TheoryAttribute
{
    public UnpackedTheoryAttribute(string program) => Skip = new UnpackedFactAttribute(program).Skip;
}
