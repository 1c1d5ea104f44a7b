using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ProdOps.Lab.Tests.Logging;

/// <summary>A host's rsyslog sends to a receiver on this machine, over the network, and the receiver is killed.</summary>
[Collection(LabCollection.Name)]
public sealed partial class ReceiverTests(Fleet fleet)
{
    private const int Before = 3000, Down = 1000, After = 500, Sign = 100_000;

    // Of the hosts' own network, where nobody else listens.
    private const int Relp = 2514, RelpTls = 2515, Tcp = 5514, Tls = 6514;

    // rsyslog throws away what finds its queue full for two seconds, which a busy machine brings about.
    private const string Queue = "queue.timeoutEnqueue=\"60000\" queue.type=\"LinkedList\" queue.size=\"2000\" queue.maxDiskSpace=\"100m\" queue.saveOnShutdown=\"on\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\"";

    [LabFact]
    public async Task What_was_answered_is_never_lost_and_what_comes_after_a_kill_is_stored_whichever_way_it_comes()
    {
        var host = await fleet.UpAsync("web1");
        string here = host.Address[..(host.Address.LastIndexOf('.') + 1)] + "1";
        using var admin = new Admin(host);
        await admin.KeepLogsAsync();
        using var certificates = new TestCertificates(Path.Combine(admin.Folder, "certificates"));
        var (certificate, key) = certificates.Issue("logs");
        string command = $"Start-LogReceiver -Relp {Relp} -RelpTls {RelpTls} -Tcp {Tcp} -Tls {Tls} -ListenAddress {here} -SourceFrom Program -Environment '{admin.EnvironmentFile}'"
            + $" -Certificate '{certificate}' -CertificateKey '{key}' -ClientCertificateAuthority '{certificates.Authority}' -AllowedPeer web1";
        await SetUpAsync(host, here, certificates);
        var receiver = await StartAsync(command, here);
        try
        {
            await host.RunAsync("systemctl start rsyslog");
            await SendAsync(host, 0, Before);
            string[] ways = ["relp", "relptls", "tcp", "tls"];
            await LogAdmin.UntilAsync(() => ways.All(way => admin.KeptSize("web1", way) > 0), "something has come each way");
            receiver.Kill();
            await receiver.WaitForExitAsync();
            var kept = new Dictionary<string, int[]>();
            foreach (string way in ways) kept[way] = await NumbersAsync(admin, way);
            await SendAsync(host, Before, Down);

            receiver.Dispose();
            receiver = await StartAsync(command, here);
            await AwaitAllWaysAsync(host, admin, ways);
            await SendAsync(host, Before + Down, After);
            int sign = 2 * Sign;
            foreach (string way in ways)
            {
                int expected = way.StartsWith("relp", StringComparison.Ordinal) ? Before + Down + After : After;
                int[] now = [];
                string queued = "";
                await LogAdmin.UntilAsync(
                    async () =>
                    {
                        now = await NumbersAsync(admin, way);
                        if (now.Where(number => number < Sign && (expected > After || number >= Before + Down)).Distinct().Count() >= expected) return true;
                        // As on any host lines go on coming: a queue that waits is looked after when one does.
                        await SendAsync(host, sign++, 1);
                        queued = await host.RunAsync("ls -s /var/spool/rsyslog");
                        return false;
                    },
                    () => $"{way} has brought {string.Join(' ', Ranges(now))}; rsyslog keeps {queued}");
            }

            await host.RunAsync("systemctl stop syslog.socket rsyslog");
            await Machine.RunAsync("kill -TERM $1", receiver.Id.ToString(CultureInfo.InvariantCulture));
            await receiver.WaitForExitAsync();

            foreach (string way in ways)
            {
                int[] all = await NumbersAsync(admin, way);
                Assert.Equal(kept[way], all[..kept[way].Length]);
                // What came anew after the kill, without what was under way then.
                Assert.Equal(Enumerable.Range(Before + Down, After), all.Where(number => number >= Before + Down && number < Sign).Order());
                if (way.StartsWith("relp", StringComparison.Ordinal)) Assert.Equal(Enumerable.Range(0, Before + Down + After), all.Where(number => number < Sign).Distinct().Order());
                // Only what was stored and not answered yet may come twice.
                Assert.InRange(all.Length - all.Distinct().Count(), 0, 256);
            }

            Assert.Equal("web1", (await admin.RunAsync("(Search-Log 'number 3999 ' -Source relptls -First 1).Server")).Text);
        }
        finally
        {
            if (!receiver.HasExited) receiver.Kill();
            receiver.Dispose();
            await host.RunAsync("systemctl stop syslog.socket rsyslog; rm -f /etc/rsyslog.d/30-lab.conf /var/spool/rsyslog/*");
        }
    }

    /// <summary>The system's rsyslog takes lines from a socket of its own, and sends each in every way: journald drops what rsyslog does not read in time.</summary>
    private static async Task SetUpAsync(LabHost host, string here, TestCertificates certificates)
    {
        var (certificate, key) = certificates.Issue("web1");
        await host.RunAsync("systemctl stop syslog.socket rsyslog; rm -rf /etc/lab /var/spool/rsyslog/*; mkdir -p /etc/lab");
        foreach (var (name, file) in new[] { ("ca.pem", certificates.Authority), ("web1.pem", certificate), ("web1.key", key) })
            await host.RunAsync($"cat >/etc/lab/{name}", await File.ReadAllTextAsync(file));
        const string files = "caCert=\"/etc/lab/ca.pem\" tls.myCert=\"/etc/lab/web1.pem\" tls.myPrivKey=\"/etc/lab/web1.key\"";
        string Way(string name, string action) =>
            $"template(name=\"{name}\" type=\"string\" string=\"<%PRI%>%TIMESTAMP:::date-rfc3339% %HOSTNAME% {name}:%msg%\")\n"
            + $"ruleset(name=\"{name}\") {{ action(target=\"{here}\" template=\"{name}\" {action} queue.filename=\"{name}\" {Queue}) }}\n";
        await host.RunAsync("cat >/etc/rsyslog.d/30-lab.conf", $$"""
            global(defaultNetstreamDriverCAFile="/etc/lab/ca.pem" defaultNetstreamDriverCertFile="/etc/lab/web1.pem" defaultNetstreamDriverKeyFile="/etc/lab/web1.key")
            module(load="omrelp" tls.tlslib="openssl")
            {{Way("relp", $"type=\"omrelp\" port=\"{Relp}\" timeout=\"5\" conn.timeout=\"2\"")}}
            {{Way("relptls", $"type=\"omrelp\" port=\"{RelpTls}\" timeout=\"5\" conn.timeout=\"2\" tls=\"on\" tls.{files} tls.authMode=\"name\" tls.permittedPeer=[\"logs\"]")}}
            {{Way("tcp", $"type=\"omfwd\" port=\"{Tcp}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\"")}}
            {{Way("tls", $"type=\"omfwd\" port=\"{Tls}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" streamDriver=\"gtls\" streamDriverMode=\"1\" streamDriverAuthMode=\"x509/name\" streamDriverPermittedPeers=\"logs\"")}}
            ruleset(name="lab") { call relp call relptls call tcp call tls }
            input(type="imuxsock" socket="/run/lab-log" ruleset="lab" rateLimit.interval="0")

            """);
    }

    private static Task SendAsync(LabHost host, int first, int count) =>
        host.RunAsync($"until [ -S /run/lab-log ]; do sleep 0.02; done; seq -f 'number %.0f of many' {first} {first + count - 1} | logger -u /run/lab-log -t lab");

    /// <summary>
    /// Sends a line now and then until one has come each way. Over TCP and TLS nobody tells rsyslog what was stored, so what it wrote before it saw that the receiver was gone is lost.
    /// </summary>
    private static async Task AwaitAllWaysAsync(LabHost host, Admin admin, string[] ways)
    {
        int sign = Sign;
        await LogAdmin.UntilAsync(
            async () =>
            {
                await SendAsync(host, sign++, 1);
                var numbers = await Task.WhenAll(ways.Select(way => NumbersAsync(admin, way)));
                return numbers.All(way => way.Any(number => number >= Sign));
            },
            () => "a line has come each way");
    }

    /// <summary>What is stored, in order. While the receiver writes, what is whole of it.</summary>
    private static async Task<int[]> NumbersAsync(Admin admin, string way)
    {
        string text = await Machine.RunAsync("zstd -dc \"$1\"/*.log.zst 2>/dev/null || true", Path.Combine(admin.Folder, "logs", "web1", way));
        return [.. Number().Matches(text).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    private static IEnumerable<string> Ranges(int[] numbers)
    {
        for (int i = 0; i < numbers.Length;)
        {
            int first = i++;
            while (i < numbers.Length && numbers[i] == numbers[i - 1] + 1) i++;
            yield return $"{numbers[first]}-{numbers[i - 1]}";
        }
    }

    private static async Task<Process> StartAsync(string command, string here)
    {
        var process = HostProcess.Start(["-Command", command]);
        _ = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Parse(here), Tcp, limit.Token);
                return process;
            }
            catch (SocketException)
            {
                if (process.HasExited) Assert.Fail($"The receiver ended: {await error}");
                await Task.Delay(20, limit.Token);
            }
        }
    }

    [GeneratedRegex("number ([0-9]+) of many")]
    private static partial Regex Number();
}
