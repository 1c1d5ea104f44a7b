using System.Text;
using System.Text.Json;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Storage;

public sealed class RestListingTests
{
    private static readonly string One = new('1', 64), Two = new('2', 64);

    [Theory]
    [InlineData("""["1","2"]""", "1:?,2:?")]
    [InlineData("""[{"name":"1","size":5},{"size":0,"name":"2","more":{"name":"x","size":[1]}}]""", "1:5,2:0")]
    [InlineData("""[{"name":"1"},{"size":7},{"name":null,"size":7},{"name":"2","size":7}]""", "1:?,2:7")]
    [InlineData("""["../../etc/passwd","A","",1,null,[["1"]],"1"]""", "1:?")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    public void Both_versions_of_a_list_are_read_and_names_that_are_no_ids_left_out(string json, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json.Replace("\"1\"", $"\"{One}\"").Replace("\"2\"", $"\"{Two}\""));
        string all = string.Join(',', Parse(bytes, bytes.Length).Select(file => $"{file.Id.ToString()[0]}:{file.Size?.ToString() ?? "?"}"));
        Assert.Equal(expected, all);
        for (int piece = 1; piece < 70; piece++) Assert.Equal(Parse(bytes, bytes.Length), Parse(bytes, piece));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("<html></html>")]
    [InlineData("")]
    [InlineData("""[{"name":"1","size":-1}]""")]
    [InlineData("""[{"name":"1","size":1e30}]""")]
    [InlineData("""["1" """)]
    [InlineData("[[[[[[[[[[[[[[[[[[[[")]
    public void What_is_no_list_is_an_error(string json) =>
        Assert.ThrowsAny<JsonException>(() => Parse(Encoding.UTF8.GetBytes(json.Replace("\"1\"", $"\"{One}\"")), 1000));

    [Fact]
    public void No_bytes_make_the_parser_fail_otherwise()
    {
        var random = new Random(3);
        byte[] seed = Encoding.UTF8.GetBytes($$"""[{"name":"{{One}}","size":5},{"name":"{{Two}}","size":6}]""");
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. seed];
            for (int change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Assert.True(Record.Exception(() => Parse(bytes, random.Next(1, bytes.Length))) is null or JsonException);
        }
    }

    private static List<(ObjectId Id, long? Size)> Parse(byte[] bytes, int piece)
    {
        var parser = new RestListingParser();
        var found = new List<(ObjectId Id, long? Size)>();
        int begin = 0;
        for (int end = Math.Min(piece, bytes.Length); ; end = Math.Min(end + piece, bytes.Length))
        {
            begin += parser.Parse(bytes.AsSpan(begin..end), end == bytes.Length, found);
            if (end == bytes.Length) return found;
        }
    }
}
