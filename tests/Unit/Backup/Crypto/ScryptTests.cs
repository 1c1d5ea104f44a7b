using System.Text;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Tests.Crypto;

public sealed class ScryptTests
{
    /// <summary>RFC 7914, section 12 (the one with a table of 1 GiB is left out).</summary>
    [Theory]
    [InlineData("", "", 16, 1, 1,
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442" +
        "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData("password", "NaCl", 1024, 8, 16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162" +
        "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    [InlineData("pleaseletmein", "SodiumChloride", 16384, 8, 1,
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")]
    public void The_vectors_of_RFC_7914_hold(string password, string salt, int n, int r, int p, string expected)
    {
        byte[] key = new byte[64];
        Scrypt.DeriveKey(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), new ScryptParameters(n, r, p), key);
        Assert.Equal(expected, Convert.ToHexStringLower(key));
    }

    [Fact]
    public void Random_parameters_give_the_keys_of_an_independent_implementation()
    {
        var random = new Random(7914);
        for (int i = 0; i < 120; i++)
        {
            var parameters = new ScryptParameters(1 << random.Next(1, 11), random.Next(1, 12), random.Next(1, 9));
            byte[] password = new byte[random.Next(1, 100)], salt = new byte[random.Next(0, 70)], key = new byte[random.Next(1, 100)];
            random.NextBytes(password);
            random.NextBytes(salt);
            Scrypt.DeriveKey(password, salt, parameters, key);
            Assert.Equal(Org.BouncyCastle.Crypto.Generators.SCrypt.Generate(password, salt, parameters.N, parameters.R, parameters.P, key.Length), key);
        }
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(1, 8, 1)]
    [InlineData(-32768, 8, 1)]
    [InlineData(int.MinValue, 8, 1)]
    [InlineData(32767, 8, 1)]
    [InlineData(32768, 0, 1)]
    [InlineData(32768, 8, 0)]
    [InlineData(32768, -8, 1)]
    [InlineData(1 << 30, 8, 1)]
    [InlineData(1 << 21, 8, 1)]
    [InlineData(32768, int.MaxValue, int.MaxValue)]
    [InlineData(32768, 8, 1000)]
    [InlineData(2, 1, int.MaxValue)]
    [InlineData(2, 4_000_000, 1)]
    public void Parameters_that_are_wrong_or_would_exhaust_the_machine_are_refused(int n, int r, int p)
    {
        var parameters = new ScryptParameters(n, r, p);
        Assert.NotNull(parameters.Problem);
        Assert.Throws<ArgumentOutOfRangeException>(() => Scrypt.DeriveKey([], [], parameters, new byte[64]));
    }

    [Theory]
    [InlineData(32768, 8, 1)]
    [InlineData(32768, 8, 30)]
    [InlineData(1 << 20, 8, 1)]
    [InlineData(2, 1, 1)]
    public void Parameters_that_a_machine_can_bear_are_accepted(int n, int r, int p) =>
        Assert.Null(new ScryptParameters(n, r, p).Problem);

    [Fact]
    public void Calibration_keeps_restics_memory_and_stays_in_its_range()
    {
        var parameters = ScryptParameters.Calibrate();
        Assert.Equal((32768, 8), (parameters.N, parameters.R));
        Assert.InRange(parameters.P, 1, 16);
    }
}
