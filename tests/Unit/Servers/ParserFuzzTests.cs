using System.Text;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Connections.Channels;
using ProdOps.Servers.Files;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Probing;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Schedules;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests;

/// <summary>Parsers of what people write and servers say, on damaged text: they read or refuse it, with an error of the catalogue or none.</summary>
public sealed class ParserFuzzTests
{
    private const int Rounds = ParserFuzz.Rounds;

    private static readonly Dictionary<string, (Action<string> Read, string[] Seeds)> Parsers = new()
    {
        ["command line"] = (text => { CommandLine.Split(text, backslashIsPath: false); CommandLine.Split(text, backslashIsPath: true); }, ["pass show 'a b' \"c \\\" $d\" e\\ f", "C:\\\"Program Files\"\\x.exe \\\"q"]),
        ["secret of a vault"] = (text => { if (VaultSecretName.Parse(text) is var name) Assert.Equal(text, name.ToString()); }, ["vault/name", "/name", "name/"]),
        ["host"] = (text => { if (HostReference.TryParse(text, out var host)) Assert.True(HostReference.IsHostOrAddress(host.Host) && host.DisplayName.Length > 0); }, ["ssh://ann@web1.example:22/", "a@b@[fe80::1%eth0]:22", "2001:db8::1", "10.0.0.1:65535"]),
        ["duration"] = (text => Assert.True(!(Quantity.ParseDuration(text) < TimeSpan.Zero)), ["1h30m", "300ms", "1.5 d 2 w", "99999999999999999999999999d"]),
        ["percentage"] = (text => Assert.True(Quantity.ParsePercentage(text) is null or (>= 0 and <= 1)), ["99.9%", "100 %"]),
        ["size"] = (text => Assert.True(!(Quantity.ParseSize(text) < 0)), ["10 GB", "1.5KiB", "8191P", "79228162514264337593543950335P"]),
        ["name pattern"] = (text => { NamePattern.IsMatch(text, "web1-a]*"); NamePattern.IsMatch("*[a-c]?[]x]*-*[", text); }, ["web[1-9]*", "*a*[b-", "[]]?"]),
        ["host facts"] = (text => Assert.True(HostProbe.Parse(text).Ports.All(port => port is > 0 and <= 65535)), ["@host\nweb1\n@system\nDebian\n@ports\n 0: 0100007F:0016 00000000:0000 0A 0\n 1: 00000000000000000000000000000000:1F90 0:0 0A\n@running\nnginx.service loaded\n@own\nnginx.service\n"]),
        ["states of services"] = (text => Assert.Equal(2, ServiceStates.Parse(["a", "b"], text).Count()), ["running a\nstopped b\nmissing c\n"]),
        ["clock's answer"] = (text => { if (ClockProbe.TryParseAnswer(text, out _, out var resolution)) Assert.InRange(resolution, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1)); }, ["1764115200.123456789", "1764115200", "200000000000.9", "1764115200.%N"]),
        ["clock's facts"] = (text => ClockFacts.Parse(text), ["\n==prodops zone\n+0530\n/usr/share/zoneinfo/Asia/Kolkata\n==prodops uptime\n1764115200\n99.5 1\n==prodops chrony\nA,B,3,1.0,2e-6\n==prodops end\n"]),
        ["first checksum"] = (text => { ChecksumList.FirstSum(text, "cksum"); ChecksumList.FirstSum(text, "sha256sum"); }, ["4294967295 12 ./a", new string('a', 64) + "  ./a"]),
        ["facts for schedules"] = (text => ScheduleHost.Parse(text), ["uid=0\nuser=root\nsystemd=systemd 252\nzone=/usr/share/zoneinfo/Europe/Berlin\noffset=+0100\nrunner=/usr/bin/pwsh\n", "zone=\noffset=-1400\n"]),
        ["schedule's definition"] = (text => ScheduleDefinition.Find(text), ["# prodops-schedule {\"name\":\"a\",\"every\":\"00:15:00\",\"daily\":[\"02:30:00\"],\"cron\":[\"0 1 * * *\"],\"arguments\":[null]}"]),
        ["line of ssh_config"] = (text => SshConfigLine.Parse(text, out _), ["Match host=\"a b\" !user 'x' exec \"true\"", "IdentityFile = \"~/.ssh/id\\\" %h\" # why"]),
        ["proxy's request"] = (text => { byte[] bytes = Encoding.UTF8.GetBytes(text); ProxyRequest.IsComplete(bytes); ProxyRequest.Authorization(bytes); }, ["CONNECT a:22 HTTP/1.0\r\nHost: a\r\nproxy-authorization: Basic cHJvZG9wczp4\r\n\r\n"]),
    };

    public static TheoryData<string> Names => [.. Parsers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_text_is_read_or_refused(string parser) => ParserFuzz.Run(parser, Parsers[parser].Read, Parsers[parser].Seeds);

    [Fact]
    public void Damaged_exit_messages_have_a_code_a_plain_name_or_nothing()
    {
        byte[] status = [0, 0, 0, 0, 7], signal = [0, 0, 0, 0, 4, .. "TERM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal((7, "TERM"), (ExitMessages.ReadStatus(status), ExitMessages.ReadSignal(signal)));
        var random = new Random(20261201);
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bytes = Mutation.Of(i % 2 == 0 ? status : signal, random);
            Assert.Equal(bytes.Length >= 5, ExitMessages.ReadStatus(bytes) is not null);
            if (ExitMessages.ReadSignal(bytes) is not { } name) continue;
            Assert.True(name.Length is > 0 and <= 64 && name.All(c => c is > ' ' and < '\x7f'));
            Assert.InRange(SignalNumbers.ExitCode(name), 128, 255);
        }
    }

    [Fact]
    public void Damaged_lists_of_checksums_give_checksums_or_nothing()
    {
        string sum = new('0', 64);
        var random = new Random(20261202);
        foreach (string tool in (string[])["sha256sum", "sha256sum0", "shasum", "openssl", "cksum"])
        {
            byte[] list = Encoding.UTF8.GetBytes(tool == "cksum" ? "1 2 ./a b\n4294967295 0 ./n\nl\n" : $"{sum}  ./a b\n\\{sum}  ./n\\nl\n{sum} *./c\0{sum}  ./d\0");
            for (int i = 0; i < Rounds / 4; i++)
            {
                var sums = ChecksumList.Parse(Mutation.Of(list, random), tool, name => name is [(byte)'.', (byte)'/', ..] ? FileNames.Decode(name[2..]) : null, i % 2 == 0 ? null : new HashSet<string> { "a b" });
                Assert.All(sums.Values, value => Assert.True(value.All(char.IsAsciiLetterOrDigit)));
            }
        }
    }

    [Fact]
    public void Damaged_times_are_moments_or_nothing()
    {
        byte[][] seeds = ["1764115200.123456789"u8.ToArray(), "-1.5"u8.ToArray(), "-9223372036854775808.999999999999"u8.ToArray()];
        var random = new Random(20261203);
        for (int i = 0; i < Rounds; i++)
        {
            if (TimeText.TryParse(Mutation.Of(seeds[i % seeds.Length], random), out var time, floored: i % 2 == 0)) Assert.InRange(time.Nanoseconds, 0, 999_999_999);
        }
    }

    [Fact]
    public void Names_of_any_bytes_come_back_as_they_were()
    {
        var random = new Random(20261204);
        byte[] seed = Encoding.UTF8.GetBytes("grüße 𝄞 \ud7ff\ue000 \u0080 x");
        for (int i = 0; i < Rounds; i++)
        {
            byte[] name = Mutation.Of(seed, random);
            Assert.Equal(name, FileNames.Encode(FileNames.Decode(name)));
        }
    }
}
