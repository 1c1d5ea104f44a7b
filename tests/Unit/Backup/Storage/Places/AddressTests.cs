using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Storage;

public sealed class AddressTests
{
    [Theory]
    [InlineData("rest:https://host:8000", "rest:https://host:8000/")]
    [InlineData("rest:http://user:s3cret@host/a/b", "rest:http://user@host/a/b/")]
    [InlineData("REST:https://[::1]:8000/x/", "rest:https://[::1]:8000/x/")]
    [InlineData("sftp:user@host:/srv/backup", "sftp:user@host:/srv/backup")]
    [InlineData("sftp:user@domain@host:srv//backup/", "sftp:user@domain@host:srv/backup")]
    [InlineData("sftp:[2001:db8::1]:/srv", "sftp:[2001:db8::1]:/srv")]
    [InlineData("sftp://user@host:2222//srv/backup", "sftp://user@host:2222//srv/backup")]
    [InlineData("sftp://host/backup", "sftp://host/backup")]
    [InlineData("sftp://[::1]:22//srv", "sftp://[::1]:22//srv")]
    [InlineData("s3:https://host:9000/bucket/a/b/", "s3:https://host:9000/bucket/a/b")]
    [InlineData("s3:s3.amazonaws.com/bucket", "s3:s3.amazonaws.com/bucket")]
    [InlineData("s3:bucket-1", "s3:bucket-1")]
    [InlineData("azure:container:/", "azure:container:/")]
    [InlineData("azure:container:/a//b", "azure:container:/a/b")]
    [InlineData("local:/srv/backup", "/srv/backup")]
    public void A_location_is_read_as_restic_reads_it_and_shown_without_its_password(string text, string location)
    {
        var address = RepositoryAddress.Parse(text)!;
        Assert.Equal((location, location), (address.Location, address.ToString()));
        if (address is not FolderAddress) Assert.Equal(location, RepositoryAddress.Parse(location)!.Location);
    }

    [Fact]
    public void The_parts_of_an_address_are_kept_apart()
    {
        var rest = Assert.IsType<RestAddress>(RepositoryAddress.Parse("rest:https://a%40b:p%2Fw%25@host:8000/x/"));
        Assert.Equal(("a@b", "p/w%", "https://host:8000/x/"), (rest.User, rest.Password, rest.Root.ToString()));
        var sftp = Assert.IsType<SftpAddress>(RepositoryAddress.Parse("sftp://user@host:2222//srv/backup"));
        Assert.Equal(("user", "host", 2222, "/srv/backup"), (sftp.User, sftp.Host, sftp.Port, sftp.Path));
        Assert.Equal("backup", Assert.IsType<SftpAddress>(RepositoryAddress.Parse("sftp://host/backup")).Path);
        var s3 = Assert.IsType<S3Address>(RepositoryAddress.Parse("s3:http://127.0.0.1:9000/bucket/a/b"));
        Assert.Equal(("http://127.0.0.1:9000/", "bucket", "a/b"), (s3.Endpoint!.ToString(), s3.Bucket, s3.Prefix));
        Assert.Null(Assert.IsType<S3Address>(RepositoryAddress.Parse("s3:bucket")).Endpoint);
    }

    [Theory]
    [InlineData("/srv/backup")]
    [InlineData("backup")]
    [InlineData("./rest:x")]
    [InlineData("C:/backup")]
    [InlineData("Temp:/backup")]
    [InlineData("FileSystem::/srv")]
    public void What_names_no_scheme_is_a_folder(string text) => Assert.Null(RepositoryAddress.Parse(text));

    [Theory]
    [InlineData("rest:user:s3cret@host", "LocationInvalid")]
    [InlineData("rest:ftp://user:s3cret@host/", "LocationInvalid")]
    [InlineData("rest:https://user:s3cret@host/?q=1", "LocationInvalid")]
    [InlineData("https://user:s3cret@host/", "LocationInvalid")]
    [InlineData("sftp://user:s3cret@host//srv", "LocationInvalid")]
    [InlineData("sftp:host", "LocationInvalid")]
    [InlineData("sftp:-oProxyCommand=x:/srv", "LocationInvalid")]
    [InlineData("sftp:host:/srv/../s3cret", "LocationInvalid")]
    [InlineData("sftp://host:0//srv", "LocationInvalid")]
    [InlineData("s3:https://key:s3cret@host/bucket", "LocationInvalid")]
    [InlineData("s3:https://host/", "LocationInvalid")]
    [InlineData("azure:container", "LocationInvalid")]
    [InlineData("local:", "LocationInvalid")]
    [InlineData("b2:bucket:s3cret", "SchemeUnsupported")]
    public void What_cannot_be_read_is_an_error_that_repeats_nothing_of_it(string text, string id)
    {
        var error = Assert.Throws<ProdOpsException>(() => RepositoryAddress.Parse(text));
        Assert.Equal(id, error.ErrorId);
        Assert.DoesNotContain("s3cret", error.ToString() + error.Target + error.Recommendation);
    }

    [Fact]
    public void No_text_makes_the_parser_fail_otherwise()
    {
        var random = new Random(5);
        string[] seeds = ["rest:https://u:p@host:8000/a/", "sftp:user@host:/srv", "sftp://user@[::1]:22//srv", "s3:https://host/bucket/prefix", "azure:abc:/x", "s3:bucket", "local:/x"];
        const string letters = ":/@[]%.-?#\\ \0\tuaß😀0";
        for (int i = 0; i < 20_000; i++)
        {
            var text = seeds[random.Next(seeds.Length)].ToList();
            for (int change = random.Next(1, 5); change > 0 && text.Count > 0; change--)
            {
                int at = random.Next(text.Count);
                if (random.Next(3) == 0) text.RemoveAt(at);
                else text.Insert(at, letters[random.Next(letters.Length)]);
            }

            string mutated = string.Concat(text);
            var failure = Record.Exception(() =>
            {
                if (RepositoryAddress.Parse(mutated) is { } address and not FolderAddress) Assert.Equal(address.Location, RepositoryAddress.Parse(address.Location)!.Location);
            });
            Assert.True(failure is null or ProdOpsException { ErrorId: "LocationInvalid" or "SchemeUnsupported" }, $"{mutated}: {failure}");
        }
    }
}
