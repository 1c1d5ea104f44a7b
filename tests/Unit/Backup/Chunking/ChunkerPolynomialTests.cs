using ProdOps.Backup.Chunking;

namespace ProdOps.Backup.Tests.Chunking;

public sealed class ChunkerPolynomialTests
{
    /// <summary>restic/chunker, polynomials_test.go and chunker_test.go.</summary>
    [Theory]
    [InlineData("3da3358b4dc173", true)]
    [InlineData("3abc9bff07d9e5", true)]
    [InlineData("3ed5339309a447", true)]
    [InlineData("38f1e565e288df", false)]
    [InlineData("30a8295b9d5c91", false)]
    [InlineData("0", false)]
    [InlineData("1", false)]
    [InlineData("13", false)]
    [InlineData("ffffffffffffffff", false)]
    public void Irreducible_polynomials_of_degree_53_are_told_from_others(string hex, bool irreducible)
    {
        ulong polynomial = ChunkerPolynomial.ParseHex(hex);
        Assert.Equal(irreducible, ChunkerPolynomial.IsIrreducible(polynomial));
        Assert.Equal(hex, ChunkerPolynomial.ToHex(polynomial));
    }

    [Fact]
    public void Products_are_reducible_whatever_their_factors()
    {
        var random = new Random(53);
        for (int i = 0; i < 300; i++)
        {
            int degree = random.Next(1, 27);
            ulong a = (1ul << degree) | ((ulong)random.NextInt64() & ((1ul << degree) - 1));
            ulong b = (1ul << (53 - degree)) | ((ulong)random.NextInt64() & ((1ul << (53 - degree)) - 1));
            ulong product = 0;
            for (int bit = 0; bit < 54; bit++) product ^= ((a >> bit) & 1) * (b << bit);
            Assert.False(ChunkerPolynomial.IsIrreducible(product));
        }
    }

    [Fact]
    public void Generated_polynomials_are_irreducible_and_differ()
    {
        ulong[] generated = [.. Enumerable.Range(0, 10).Select(_ => ChunkerPolynomial.Generate())];
        Assert.All(generated, polynomial => Assert.True(ChunkerPolynomial.IsIrreducible(polynomial)));
        Assert.Equal(generated.Length, generated.Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x3da3358b4dc173")]
    [InlineData("10000000000000000")]
    [InlineData("-1")]
    [InlineData("g")]
    [InlineData(" 1")]
    public void What_is_not_hexadecimal_is_an_error(string text) => Assert.Throws<FormatException>(() => ChunkerPolynomial.ParseHex(text));
}
