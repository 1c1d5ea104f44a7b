using ProdOps.Recovery.Capture;

namespace ProdOps.Recovery.Tests.Capture;

public sealed class ConfigurationComparerTests
{
    [Fact]
    public void A_capture_equals_itself()
    {
        Assert.Empty(ConfigurationComparer.Compare(Captures.Database, Captures.Database));
        Assert.Empty(ConfigurationComparer.Compare(Captures.Database, Captures.Database with { Server = "db2" }));
    }

    [Fact]
    public void Drift_is_told_by_kind_name_and_property()
    {
        var before = Capture(("packages", [":ii \tnginx\tamd64\t1.22\tno\toptional", ":ii \tcurl\tamd64\t7\tno\toptional"]), ("walk", Captures.File1("/etc/shop.conf")), ("sums", [$":{new string('a', 64)}  /etc/shop.conf"]));
        var after = Capture(("packages", [":ii \tnginx\tamd64\t1.24\tno\toptional", ":ii \tvim\tamd64\t9\tno\toptional"]), ("walk", Captures.File1("/etc/shop.conf")), ("sums", [$":{new string('b', 64)}  /etc/shop.conf"]));
        Assert.Equal(["Removed Package curl", "Changed Package nginx", "Added Package vim", "Changed File /etc/shop.conf"], ConfigurationComparer.Compare(before, after).Select(difference => difference.ToString()));
        var nginx = ConfigurationComparer.Compare(before, after).Single(difference => difference.Name == "nginx");
        Assert.Equal(["Version"], nginx.Properties);
        Assert.Equal(("1.22", "1.24"), (nginx.ReferenceItem!.Property("Version"), nginx.Item!.Property("Version")));
    }

    [Fact]
    public void Secrets_are_compared_by_proofs_of_one_command_only()
    {
        var one = Secret('a', "first");
        Assert.Equal(["Content"], ConfigurationComparer.Compare(one, Secret('b', "first")).Single().Properties);
        Assert.Empty(ConfigurationComparer.Compare(one, Secret('a', "first")));
        // Another command has another salt: that the proofs differ says nothing.
        Assert.Empty(ConfigurationComparer.Compare(one, Secret('b', "second")));

        static ServerConfiguration Secret(char proof, string id) =>
            Capture(("walk", Captures.File1("/srv/.env", "Fk", 1)), ("proofs", [$":{new string(proof, 64)}  /srv/.env"])) with { ProofId = id };
    }

    [Fact]
    public void What_must_differ_between_two_machines_is_marked()
    {
        var one = Capture(("system", [":hostname a", ":locale C.UTF-8"]), ("addresses", [":2: eth0    inet 10.0.0.1/24 scope global eth0"]));
        var two = Capture(("system", [":hostname b", ":locale de_DE.UTF-8"]), ("addresses", [":2: eth0    inet 10.0.0.2/24 scope global eth0"]));
        Assert.Equal(["Locale"], ConfigurationComparer.Compare(one, two).Where(difference => !difference.IsExpected).Select(difference => difference.Name));
        Assert.Equal(3, ConfigurationComparer.Compare(one, two).Count(difference => difference.IsExpected));
    }

    [Fact]
    public async Task A_capture_comes_back_from_its_file()
    {
        string folder = Directory.CreateTempSubdirectory("prodops-captures-").FullName;
        try
        {
            var capture = Captures.Database with { Server = "../admin@db1:22", Time = new DateTimeOffset(2026, 11, 27, 3, 20, 11, TimeSpan.Zero) };
            string file = await ConfigurationJson.SaveAsync(folder, capture, default);
            Assert.Equal("_admin_db1_22-20261127T032011Z.json", Path.GetFileName(file));
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            var loaded = await ConfigurationJson.LoadAsync(file, default);
            Assert.Empty(ConfigurationComparer.Compare(capture, loaded));
            Assert.Equal((capture.Time, capture.Coverage, capture.Items.Count), (loaded.Time, loaded.Coverage, loaded.Items.Count));
            Assert.Equal("CaptureNotFound", (await Assert.ThrowsAsync<ProdOpsException>(() => ConfigurationJson.LoadAsync(Path.Combine(folder, "none.json"), default))).ErrorId);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Damaged_files_are_read_or_refused()
    {
        string seed = ConfigurationJson.ToText(Captures.Database with { Items = [.. Captures.Database.Items.Take(5)] });
        Servers.Tests.TestTools.ParserFuzz.Run("capture's file", text => ConfigurationComparer.Compare(Captures.Database, ConfigurationJson.Parse("x.json", text)).Count(), [seed, "null", "{}", """{"format":"prodops-server-configuration/1","capture":{"server":null}}"""]);
    }

    private static ServerConfiguration Capture(params (string, string[])[] sections) => Captures.Parse(Captures.Text(sections));
}
