using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Tests;

public sealed class ObjectIdTests
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void An_id_is_the_SHA_256_of_its_content_and_reads_back_from_its_digits()
    {
        var id = ObjectId.Of([]);
        Assert.Equal(EmptyHash, id.ToString());
        Assert.Equal(id, ObjectId.Parse(EmptyHash));
        Assert.Equal("e3b0c442", id.ToShortString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g")]
    public void Anything_but_64_lower_case_digits_is_not_an_id(string text) => Assert.False(ObjectId.TryParse(text, out _));

    [Fact]
    public void Ids_are_ordered_as_their_digits_are()
    {
        var ids = Enumerable.Range(0, 100).Select(i => ObjectId.Of([(byte)i])).ToList();
        Assert.Equal(ids.Select(id => id.ToString()).Order(StringComparer.Ordinal), ids.Order().Select(id => id.ToString()));
    }
}
