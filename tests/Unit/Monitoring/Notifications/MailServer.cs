using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>A test that sends mails to Debian's aiosmtpd.</summary>
internal sealed class MailFactAttribute : FactAttribute
{
    public MailFactAttribute() => Skip = Requirements.Linux ?? Requirements.Missing(MailServer.Python, "/usr/lib/python3/dist-packages/aiosmtpd/smtp.py");
}

/// <summary>A real SMTP server in a process of its own.</summary>
public sealed class MailServer : IDisposable
{
    internal const string Python = "/usr/bin/python3";

    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates;
    private readonly Process? _process;

    public MailServer()
    {
        _certificates = new TestCertificates(_folder["certificates"]);
        if (new MailFactAttribute().Skip is not null) return;
        var (certificate, key) = _certificates.Issue("localhost");
        _process = Process.Start(new ProcessStartInfo(Python, [Clone.PathOf("tests", "Unit", "Monitoring", "Notifications", "SmtpServer.py"), certificate, key])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        int[] ports = JsonSerializer.Deserialize<int[]>(_process.StandardOutput.ReadLine()!)!;
        (StartTlsPort, TlsPort, PlainPort) = (ports[0], ports[1], ports[2]);
    }

    public int StartTlsPort { get; }

    public int TlsPort { get; }

    public int PlainPort { get; }

    public string Authority => _certificates.Authority;

    /// <summary>The next message that it took: sending it has returned.</summary>
    public JsonNode Read() => JsonNode.Parse(_process!.StandardOutput.ReadLine()!)!;

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5000)) _process.Kill();
            _process.Dispose();
        }

        _certificates.Dispose();
        _folder.Dispose();
    }
}
