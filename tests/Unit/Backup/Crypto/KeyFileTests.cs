using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Tests.Crypto;

public sealed class KeyFileTests
{
    private static readonly ScryptParameters Quick = new(16, 2, 3);
    private static readonly byte[] Password = "correct horse"u8.ToArray();

    [Fact]
    public void A_key_file_opens_with_its_password_and_with_no_other()
    {
        var master = MasterKey.Generate();
        var file = KeyFile.FromJson(Create(master).ToJson());
        Assert.Equal(master.ToJson(), file.TryOpen(Password)!.ToJson());
        Assert.Null(file.TryOpen("correct horsf"u8.ToArray()));
        Assert.Null(file.TryOpen(default));
    }

    [Fact]
    public void A_key_file_keeps_who_made_it_and_when_in_the_order_of_restics_fields()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
        time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(2), null, null));
        byte[] json = KeyFile.Create(Password, MasterKey.Generate(), "jürgen", "web<1>", time, Quick).ToJson();

        string text = Encoding.UTF8.GetString(json);
        Assert.StartsWith("""{"created":"2026-03-04T07:06:07+02:00","username":"jürgen","hostname":"web<1>","kdf":"scrypt",""", text, StringComparison.Ordinal);
        Assert.Matches("""^[^ ]+,"N":16,"r":2,"p":3,"salt":"[A-Za-z0-9+/]{86}==","data":"[A-Za-z0-9+/=]+"\}$""", text);
        var file = KeyFile.FromJson(json);
        Assert.Equal(time.GetLocalNow(), file.Created);
        Assert.Equal(("jürgen", "web<1>", 16, 2, 3), (file.UserName, file.HostName, file.N, file.R, file.P));
    }

    [Fact]
    public void Times_with_nanoseconds_are_read_and_a_bad_one_does_not_cost_the_key()
    {
        var json = JsonNode.Parse(Create(MasterKey.Generate()).ToJson())!;
        json["created"] = "2023-11-23T18:09:01.123456789+05:30";
        var file = KeyFile.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()));
        Assert.Equal(new DateTimeOffset(2023, 11, 23, 18, 9, 1, TimeSpan.FromHours(5.5)), file.Created, TimeSpan.FromSeconds(1));
        json["created"] = "yesterday";
        json.AsObject().Remove("username");
        file = KeyFile.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()));
        Assert.Equal(default, file.Created);
        Assert.NotNull(file.TryOpen(Password));
    }

    [Theory]
    [InlineData("N", "0")]
    [InlineData("N", "32767")]
    [InlineData("N", "1073741824")]
    [InlineData("N", "99999999999999999999")]
    [InlineData("N", "\"32768\"")]
    [InlineData("r", "2147483647")]
    [InlineData("p", "1000000000")]
    [InlineData("p", "-1")]
    [InlineData("kdf", "\"pbkdf2\"")]
    [InlineData("kdf", "null")]
    [InlineData("salt", "\"AAAA\"")]
    [InlineData("salt", "\"*\"")]
    [InlineData("data", "\"AAAA\"")]
    [InlineData("data", "7")]
    public void Hostile_values_are_refused_before_any_work_is_done(string field, string value)
    {
        var json = JsonNode.Parse(Create(MasterKey.Generate()).ToJson())!;
        json[field] = JsonNode.Parse(value);
        var error = Assert.Throws<ProdOpsException>(() => KeyFile.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), "abc"));
        Assert.Equal("KeyFileInvalid", error.ErrorId);
        Assert.Contains("'abc'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_bytes_never_do_worse_than_an_error_or_a_wrong_password()
    {
        byte[] good = Create(MasterKey.Generate()).ToJson();
        var random = new Random(13);
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = good[..(i % 4 == 0 ? random.Next(good.Length) : good.Length)];
            for (int n = random.Next(4); n > 0 && bytes.Length > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                var file = KeyFile.FromJson(bytes);
                if ((long)file.N * file.R * file.P < 4096) file.TryOpen(Password);
            }
            catch (ProdOpsException e)
            {
                Assert.Equal("KeyFileInvalid", e.ErrorId);
            }
        }

        Assert.Throws<ProdOpsException>(() => KeyFile.FromJson(new byte[1 << 20]));
    }

    [Fact]
    public void A_key_of_restic_opens()
    {
        using var repository = new ResticRepository("Pa\u00DFwort");
        byte[] json = File.ReadAllBytes(Directory.GetFiles(Path.Combine(repository.Folder, "keys")).Single());
        var master = KeyFile.FromJson(json).TryOpen("Pa\u00DFwort"u8.ToArray());
        Assert.NotNull(master);

        byte[] config = File.ReadAllBytes(Path.Combine(repository.Folder, "config"));
        Assert.True(master.TryOpen(config, config.AsSpan(16, config.Length - 32)));
        Assert.StartsWith("{\"version\":", Encoding.UTF8.GetString(config, 16, config.Length - 32), StringComparison.Ordinal);
    }

    [Fact]
    public void Restic_opens_a_key_of_ours()
    {
        using var repository = new ResticRepository("old");
        string old = Directory.GetFiles(Path.Combine(repository.Folder, "keys")).Single();
        var master = KeyFile.FromJson(File.ReadAllBytes(old)).TryOpen("old"u8.ToArray())!;
        byte[] json = KeyFile.Create(Password, master, "root", "here", TimeProvider.System, new ScryptParameters(1024, 8, 2)).ToJson();
        string id = ProdOps.Backup.Repositories.ObjectId.Of(json).ToString();
        File.WriteAllBytes(Path.Combine(repository.Folder, "keys", id), json);
        File.Delete(old);

        Assert.Contains("\"chunker_polynomial\"", repository.Restic("correct horse", "cat", "config"), StringComparison.Ordinal);
    }

    private static KeyFile Create(MasterKey master) => KeyFile.Create(Password, master, "root", "here", TimeProvider.System, Quick);
}
