using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Ssh.Wire;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.HostKeys;

public sealed class KnownHostsTests(SampleKeys keys) : IClassFixture<SampleKeys>
{
    [Theory]
    [InlineData("web1", "web1", true)]
    [InlineData("web1,10.0.0.1", "10.0.0.1", true)]
    [InlineData("web*,!web2", "web2", false)]
    [InlineData("web*,!web2", "web3", true)]
    [InlineData("[web1]:2222", "[web1]:2222", true)]
    [InlineData("[web1]:2222", "web1", false)]
    [InlineData("WEB1", "web1", true)]
    [InlineData("*", "[anything]:1", true)]
    public void A_name_is_matched_as_OpenSSH_does(string field, string host, bool matches) => Assert.Equal(matches, KnownHostName.Matches(field, host));

    [Fact]
    public void A_hashed_name_is_matched_and_a_damaged_hash_is_told()
    {
        Assert.True(KnownHostName.Matches(KnownHostName.Hash("[web1]:22"), "[web1]:22"));
        Assert.False(KnownHostName.Matches(KnownHostName.Hash("web1"), "web2"));
        foreach (string damaged in (string[])["|1|", "|1|AAAA|BBBB", "|2|x|y", "|", "|1|" + new string('A', 4000) + "|"]) Assert.Null(KnownHostName.Matches(damaged, "web1"));
    }

    [Fact]
    public void Markers_comments_line_ends_and_junk_are_read_as_OpenSSH_reads_them()
    {
        string key = keys.Line("ed25519");
        string text = $"# comment\n\n  \tweb1 {key} a comment\r\n@revoked web1 {keys.Line("rsa")}\r\n@cert-authority *.example,web1 {keys.Line("ca")}\n"
            + $"@nonsense web1 {key}\nweb1 ssh-ed25519 AAAA\nweb1 ssh-rsa {key.Split(' ')[1]}\nweb1\nweb1 {key}\nweb1 1024 35 123456\n\ufeffweb1 x\n|1|bad|bad {key}\n@revoked\n";
        var notes = new List<string>();
        var found = KnownHostsText.Parse("f", text).Find("web1", notes);
        Assert.Equal([(3, KnownHostMarker.None), (4, KnownHostMarker.Revoked), (5, KnownHostMarker.CertAuthority), (10, KnownHostMarker.None)], found.Select(entry => (entry.Line, entry.Marker)));
        Assert.Equal(KeyFile.Fingerprint(keys.Path("ed25519")), found[0].Key.Fingerprint);
        Assert.Equal(KnownHostMarker.Revoked, Assert.Single(KnownHostsText.Parse("f", $"@cert-authority\tweb1 {key}\n@revoked\tweb1 {key}\n").Find("web1", [])).Marker);
        Assert.Equal(["f:6", "f:14", "f:7", "f:8", "f:9", "f:11", "f:13"], notes.Select(note => note[..note.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void It_finds_the_same_lines_as_ssh_keygen()
    {
        var random = new Random(11);
        string[] hosts = ["web1", "web2", "db.example.org", "10.0.0.7", "fe80::1", "[web1]:2222", "[10.0.0.7]:22000", "xn--d1acufc"];
        string[] patterns = [.. hosts, "web?", "*.example.org", "!web2,web*", "10.0.0.*", "*", "[web1]:*", "WEB1,db.example.org", "web1,!web1"];
        for (int round = 0; round < 60; round++)
        {
            var lines = new List<string>();
            for (int i = random.Next(1, 12); i > 0; i--)
            {
                string field = random.Next(4) == 0 ? KnownHostName.Hash(hosts[random.Next(hosts.Length)]) : patterns[random.Next(patterns.Length)];
                string marker = random.Next(8) switch { 0 => "@revoked ", 1 => "@cert-authority ", _ => "" };
                string line = $"{marker}{field}{(random.Next(5) == 0 ? "\t " : " ")}{keys.Line(KeyFile.Kinds[random.Next(KeyFile.Kinds.Length)])}{(random.Next(3) == 0 ? " comment" : "")}";
                lines.Add(random.Next(6) switch { 0 => "# " + line, 1 => "", 2 => "  " + line + "\r", _ => line });
            }

            string path = keys.Path("known_hosts");
            File.WriteAllText(path, string.Join('\n', lines) + "\n");
            foreach (string host in hosts)
            {
                string output = Tool.Run("ssh-keygen", "-F", host, "-f", path).Output;
                var theirs = output.Split('\n').Where(line => line.StartsWith("# Host", StringComparison.Ordinal)).Select(line => int.Parse(line.Split("line ")[1].Split(' ')[0])).ToList();
                var ours = KnownHostsText.Parse(path, File.ReadAllText(path)).Find(host, []).Select(entry => entry.Line);
                Assert.True(theirs.SequenceEqual(ours), $"{host}: ssh-keygen {string.Join(',', theirs)}, we {string.Join(',', ours)}\n{File.ReadAllText(path)}");
            }
        }
    }

    [Fact]
    public void Damaged_files_are_read_without_an_error()
    {
        string seed = $"web1,*.x {keys.Line("ed25519")} c\n@revoked |1|{new string('A', 27)}=|{new string('B', 27)}= {keys.Line("ecdsa-256")}\n@cert-authority [web1]:22 {keys.Line("rsa")}\n";
        var random = new Random(5);
        for (int round = 0; round < 10000; round++) KnownHostsText.Parse("f", Mutation.Of(seed, random)).Find("web1", []);
    }

    [Fact]
    public void Damaged_keys_and_certificates_are_read_or_refused()
    {
        var random = new Random(6);
        byte[][] seeds = [.. KeyFile.Kinds.Select(kind => keys.Key(kind).Blob), keys.HostCertificate("-n", "a,b").Certificate!.Blob];
        for (int round = 0; round < 10000; round++)
        {
            if (SshPublicKey.Parse(Mutation.Of(seeds[round % seeds.Length], random)) is { Certificate: { } certificate } key && round % 50 == 0) Assert.True(certificate.IsSignedByAuthority() || key.Blob.Length > 0);
        }
    }

    [Fact]
    public void Every_kind_of_key_has_the_print_that_ssh_keygen_tells()
    {
        foreach (string kind in KeyFile.Kinds) Assert.Equal(KeyFile.Fingerprint(keys.Path(kind)), keys.Key(kind).Fingerprint);
        Assert.Equal(2048, keys.Key("rsa").Bits);
    }

    [Fact]
    public async Task Keys_that_are_added_at_once_are_all_there()
    {
        string path = Path.Combine(keys.Folder, "new", ".ssh", "known_hosts");
        // Several owners of files stand for several processes: they share no lock.
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => new KnownHostsFiles().Add(path, $"web{i}", keys.Key("ed25519"), hashed: i % 2 == 0))));
        var text = KnownHostsText.Parse(path, File.ReadAllText(path));
        for (int i = 0; i < 40; i++) Assert.Single(text.Find($"web{i}", []));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [SshdFact]
    public async Task Keys_that_ssh_adds_in_processes_of_its_own_and_ours_are_all_there()
    {
        await using var sshd = await LoopbackSshd.StartAsync();
        string path = Path.Combine(sshd.Folder, "shared_known_hosts");
        var theirs = Enumerable.Range(0, 6).Select(i => Task.Run(() => Tool.Run("ssh",
            ["-F", "none", "-p", $"{sshd.Port}", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=accept-new", "-o", $"UserKnownHostsFile={path}", "-o", "GlobalKnownHostsFile=none",
                "-o", "PreferredAuthentications=none", "-o", $"HostKeyAlias=theirs{i}", "127.0.0.1", "true"])));
        var ours = Enumerable.Range(0, 4).Select(owner => Task.Run(() =>
        {
            var files = new KnownHostsFiles();
            for (int i = 0; i < 50; i++) files.Add(path, $"ours{owner}-{i}", keys.Key("ed25519"), hashed: false);
        }));
        await Task.WhenAll(theirs.Concat(ours));

        var notes = new List<string>();
        var text = KnownHostsText.Parse(path, await File.ReadAllTextAsync(path));
        for (int i = 0; i < 6; i++) Assert.Single(text.Find($"theirs{i}", notes));
        for (int i = 0; i < 200; i++) Assert.Single(text.Find($"ours{i / 50}-{i % 50}", notes));
        Assert.Empty(notes);
    }

    [Fact]
    public void A_key_is_added_once_and_behind_a_line_without_an_end()
    {
        string path = keys.Path("unfinished");
        File.WriteAllText(path, $"other {keys.Line("rsa")}");
        var files = new KnownHostsFiles();
        for (int i = 0; i < 3; i++) files.Add(path, "web1", keys.Key("ed25519"), hashed: false);
        Assert.Equal($"other {keys.Line("rsa")}\nweb1 {keys.Line("ed25519")}\n", File.ReadAllText(path));
        Assert.Single(files.Read(path, [])!.Find("web1", []));
        File.AppendAllText(path, $"web1 {keys.Line("rsa")}\n");
        Assert.Equal(2, files.Read(path, [])!.Find("web1", []).Count);
    }
}
