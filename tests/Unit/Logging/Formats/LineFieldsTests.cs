using System.Diagnostics;
using System.Text;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Tests.Formats;

public sealed class LineFieldsTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(500)]
    public void Of_two_fields_of_one_name_the_first_counts_whatever_the_case(int members)
    {
        var fields = Read($"{{{string.Join(',', Enumerable.Range(0, members).Select(i => $"\"name{i}\":{i},\"NAME{i}\":-1"))}}}");
        Assert.Equal(members, fields.Count);
        Assert.Equal(Enumerable.Range(0, members).Select(i => $"name{i}"), fields.Keys);
        Assert.Equal((object)(long)(members - 1), fields[$"Name{members - 1}"]);
        Assert.False(fields.ContainsKey("name"));
        Assert.Throws<KeyNotFoundException>(() => fields["name"]);
    }

    [Fact]
    public void A_hostile_line_with_a_hundred_thousand_names_is_read_in_a_moment()
    {
        string line = $"{{{string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"n{i:00000}\":{i}"))}}}";
        var clock = Stopwatch.StartNew();
        var fields = Read(line);
        Assert.Equal(100_000, fields.Count);
        Assert.Equal((object)99_999L, fields["N99999"]);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
    }

    private static LineFields Read(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        var list = new FieldList();
        Assert.True(LogFormats.Find("json")!.TryReadFields(bytes, AnyContext.Value, list));
        return new LineFields(bytes, list.Fields);
    }
}
