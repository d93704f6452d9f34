//! Given names and surnames by language of origin: ordinary names in common use, put together at random; no person is meant.
//! Words are separated by spaces; `_` stands for a space inside a name. The first of each list is the most frequent.

/// Names of one language of origin, and what goes with it.
pub(crate) struct Culture {
    /// How many of a thousand patients carry such names.
    pub(crate) share: u32,
    /// BCP 47 tag and name of the language some of them need an interpreter for; none for English.
    pub(crate) language: Option<(&'static str, &'static str)>,
    /// OMB race code and words (CDC Race and Ethnicity code set, 1997 standard), most likely.
    pub(crate) race: (&'static str, &'static str),
    pub(crate) hispanic: bool,
    pub(crate) women: &'static str,
    pub(crate) men: &'static str,
    pub(crate) surnames: &'static str,
}

const WHITE: (&str, &str) = ("2106-3", "White");
const BLACK: (&str, &str) = ("2054-5", "Black or African American");
const ASIAN: (&str, &str) = ("2028-9", "Asian");
const OTHER: (&str, &str) = ("2131-1", "Other Race");

/// The cultures of the practice's patients.
pub(crate) const CULTURES: &[Culture] = &[
    Culture {
        share: 360,
        language: None,
        race: WHITE,
        hispanic: false,
        women: "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Margaret Sandra Ashley \
                Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Kathleen Amy \
                Angela Shirley Anna Brenda Pamela Emma Nicole Helen Samantha Katherine Christine Debra Rachel Carolyn Janet \
                Olivia Ava Sophia Isabella Charlotte Amelia Evelyn Abigail Harper Ella Chloe Grace Hannah Lily Zoe Audrey Claire \
                Lucy Violet Hazel Nora Ruby Alice Eleanor Penelope Ivy Josephine Beatrice Florence Edith Mabel Winifred Agnes \
                Dorothy Frances Gladys Mildred Thelma Wendy Heather Tiffany Crystal Erin Shannon Kelly Tracy Holly Brooke Paige \
                Morgan Taylor Sydney Madison Addison Riley Quinn Rowan Skylar Juniper Willow Daisy Poppy",
        men: "James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew Anthony Mark Donald \
              Steven Andrew Paul Joshua Kenneth Kevin Brian Timothy Ronald George Jason Edward Jeffrey Ryan Jacob Nicholas Gary \
              Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis \
              Jerry Tyler Aaron Henry Douglas Peter Adam Nathan Zachary Walter Kyle Harold Carl Arthur Roger Keith Lawrence Terry \
              Albert Ralph Eugene Roy Louis Philip Bobby Johnny Bradley Ernest Clarence Leonard Stanley Noah Liam Oliver Elijah \
              Lucas Mason Logan Ethan Aiden Jackson Levi Owen Wyatt Carter Luke Isaac Gabriel Caleb Hunter Connor Landon Theodore \
              Oscar Felix Jasper Silas Ezra Rufus Chester Homer Cecil Clyde Floyd",
        surnames: "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore Martin Thompson White Harris \
                   Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Baker Hall Campbell Mitchell Roberts \
                   Carter Phillips Evans Turner Parker Collins Edwards Stewart Morris Rogers Reed Cook Morgan Bell Bailey Cooper \
                   Richardson Cox Howard Ward Peterson Gray James Watson Brooks Kelly Sanders Price Bennett Wood Barnes Ross \
                   Henderson Coleman Jenkins Perry Powell Long Patterson Hughes Flores Butler Simmons Foster Bryant Alexander \
                   Russell Griffin Hayes Myers Ford Hamilton Graham Sullivan Wallace Woods Cole West Jordan Owens Reynolds Fisher \
                   Ellis Harrison Gibson McDonald Cruz Marshall Gomez Murray Freeman Wells Webb Simpson Stevens Tucker Porter Hunter \
                   Hicks Crawford Henry Boyd Mason Kennedy Warren Dixon Ramsey Burns Gordon Shaw Holmes Rice Robertson Hunt Black \
                   Daniels Palmer Mills Nichols Grant Knight Ferguson Rose Stone Hawkins Dunn Perkins Hudson Spencer Gardner Stephens \
                   Payne Pierce Berry Matthews Arnold Wagner Willis Ray Watkins Olson Carroll Duncan Snyder Hart Cunningham Bradley \
                   Lane Andrews Ruiz Harper Fox Riley Armstrong Carpenter Weaver Greene Lawrence Elliott Chavez Sims Austin Peters \
                   Kelley Franklin Lawson",
    },
    Culture {
        share: 110,
        language: None,
        race: BLACK,
        hispanic: false,
        women: "Aaliyah Imani Keisha Latoya Tamika Ebony Jasmine Kiara Destiny Nia Tiana Deja Monique Yolanda Tanisha Shanice Raven \
                Alicia Denise Loretta Bernice Gloria Vivian Wanda Rosetta Ernestine Lavonne Octavia Serenity Trinity Zuri Amara Kayla \
                Janae Kenya Shaniqua Precious Essence Nyla Simone",
        men: "Darnell Terrell Jamal Marquis DeShawn Tyrone Malik Andre Isaiah Xavier Jalen Darius Kareem Maurice Reginald Cedric \
              Leroy Cornelius Curtis Otis Roosevelt Percy Lamar Kendrick Trevon Jermaine Dominique Elijah Khalil Marcus Quincy \
              Rashad Tavon Willie Alonzo Booker Cleveland Jerome Sterling Demetrius",
        surnames: "Washington Jefferson Jackson Booker Banks Gaines Dorsey Joseph Rivers Mosley Singleton Blackwell Gadson Boykin \
                   Hairston Randolph Pettway Broadnax Muhammad Merriweather Tubman Whitfield Bolden Cobb Drayton Easley Fontenot \
                   Goodwin Hightower Ivory Jessup Kirkland Lattimore McKinney Nesbitt Outlaw Pinckney Ravenell Sapp Toussaint \
                   Underwood Vereen Winfrey Yarborough Zeigler Bright Dawkins Felder Grimes Holloway",
    },
    Culture {
        share: 170,
        language: Some(("es", "Spanish")),
        race: OTHER,
        hispanic: true,
        women: "María Guadalupe Ana Rosa Sofía Valentina Camila Lucía Isabel Carmen Juana Teresa Verónica Gabriela Alejandra \
                Daniela Mariana Fernanda Ximena Paola Beatriz Adriana Claudia Leticia Yolanda Esperanza Dolores Pilar Inés Rocío \
                Marisol Itzel Citlali Araceli Concepción Natalia Catalina Consuelo Graciela Josefina Belén Noemí Elvira Raquel",
        men: "José Juan Luis Carlos Jesús Miguel Francisco Alejandro Jorge Manuel Pedro Ángel Ricardo Fernando Javier Eduardo Raúl \
              Sergio Rafael Roberto Andrés Diego Santiago Mateo Sebastián Emiliano Joaquín Héctor Óscar César Ramón Rubén Adrián \
              Gerardo Guillermo Ignacio Tomás Nicolás Martín Arturo Esteban Efraín Moisés Saúl Iván",
        surnames: "García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz Reyes \
                   Morales Cruz Ortiz Gutiérrez Chávez Ramos Ruiz Álvarez Mendoza Vásquez Castillo Jiménez Moreno Romero Herrera \
                   Medina Aguilar Vargas Castro Guzmán Fernández Muñoz Salazar Soto Delgado Peña Ríos Silva Núñez Cabrera Campos \
                   Vega Domínguez Santiago Maldonado Contreras Luna Guerrero Espinoza Lara Rojas Mejía Acosta Cortés Fuentes \
                   Navarro Ibarra Zúñiga Quiñones Villarreal Treviño Benítez de_la_Cruz del_Río Montoya Nájera Orozco Padilla \
                   Quintero Rosales Solís Trujillo Urías Valdez Yáñez Zapata Arévalo Bañuelos Cárdenas",
    },
    Culture {
        share: 55,
        language: Some(("zh", "Chinese")),
        race: ASIAN,
        hispanic: false,
        women: "Mei Xiu Li Ying Fang Yan Jing Hui Min Lan Xia Juan Hong Yu Xiaoli Xinyi Yutong Zihan Meiling Siu-Ling Wai-Yee \
                Ka-Yan Shu-Fen Ya-Ting Pei-Shan Wenjing Jiayi Ruolan Qiuyue Chunhua Baozhai Lihua Xiaomei Yuhan Ailing",
        men: "Wei Jun Ming Hao Lei Jian Feng Tao Bo Chao Peng Gang Qiang Yong Zhiwei Haoran Zixuan Guowei Jianhua Xiaoming Wai-Man \
              Chi-Keung Ka-Ho Chun-Hung Yu-Hsuan Zhen Weimin Dawei Yifan Tianyu Minghao Shiyu Kaiwen Junjie Deming",
        surnames: "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Tang Song Deng \
                   Feng Han Cao Zeng Peng Xiao Cai Pan Tian Dong Yuan Yu Ye Du Su Wei Cheng Lü Ding Ren Shen Yao Lu Jiang Cui Tan \
                   Chan Cheung Wong Leung Lau Ng Kwok Ouyang Szeto",
    },
    Culture {
        share: 55,
        language: Some(("hi", "Hindi")),
        race: ASIAN,
        hispanic: false,
        women: "Priya Anjali Sunita Kavita Deepa Neha Pooja Lakshmi Meera Asha Rekha Shanti Ananya Aadhya Diya Ishani Saanvi \
                Padma Usha Geeta Radha Sita Nandini Harpreet Gurpreet Manjit Jaspreet Fatima Zara Revathi Kamala Bhavna Trupti Hetal \
                Swati Vidya",
        men: "Rajesh Amit Sanjay Vijay Sunil Anil Rahul Arjun Vikram Ravi Suresh Ramesh Arun Deepak Aarav Vihaan Aditya Rohan Krishna \
              Ganesh Mohan Harish Kiran Gurdeep Baljit Harjinder Manpreet Nikhil Karthik Venkatesh Srinivas Prakash Dinesh Mahesh \
              Jayesh Hitesh",
        surnames: "Patel Singh Kumar Sharma Shah Gupta Khan Reddy Kaur Rao Desai Mehta Joshi Nair Iyer Agarwal Verma Mishra Chopra \
                   Kapoor Malhotra Bhatt Pandey Trivedi Chaudhary Das Banerjee Mukherjee Chatterjee Ghosh Bose Sen Menon Pillai \
                   Krishnan Subramanian Venkataraman Raghavan Naidu Gill Dhillon Sandhu Grewal Sidhu Ahluwalia Saxena Srivastava \
                   Tiwari Bhandari Kulkarni",
    },
    Culture {
        share: 40,
        language: Some(("vi", "Vietnamese")),
        race: ASIAN,
        hispanic: false,
        women: "Linh Hương Lan Mai Thảo Phương Ngọc Trang Thu Hà Hạnh Yến Vân Tuyết Kim-Anh Bích Diệu Nhung Oanh Quỳnh Xuân \
                Thanh Mỹ Cúc Loan Ánh Hoa Hồng Như Trâm",
        men: "Minh Hùng Tuấn Dũng Anh Long Nam Hải Đức Quang Sơn Thắng Việt Cường Bảo Khánh Phúc Tân Vinh Hiếu Hoàng Khoa Lâm Nghĩa \
              Phong Quốc Thành Trung Tùng Đạt",
        surnames: "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đoàn Trịnh Đinh Lâm Mai Tô Hà Cao Châu \
                   Thái Tạ Quách Lương",
    },
    Culture {
        share: 45,
        language: Some(("ar", "Arabic")),
        race: WHITE,
        hispanic: false,
        women: "Fatima Aisha Maryam Zainab Khadija Layla Amina Noor Huda Salma Rania Yasmin Hanan Samira Nadia Leila Dalia Iman \
                Rasha Sumaya Amal Ghada Farah Lina Mona Najwa Reem Sahar Wafa Zahra Hala Dunya Jamila Karima",
        men: "Mohammed Ahmed Ali Omar Hassan Hussein Ibrahim Yusuf Khalid Mahmoud Mustafa Abdullah Tariq Samir Karim Bilal Hamza Zaid \
              Faisal Nasser Salim Rashid Jamal Walid Adel Amir Anwar Bashir Fadi Ghassan Hisham Imad Marwan Nabil Ziad",
        surnames: "Hassan Ali Ahmed Mohamed Khalil Mansour Haddad Khoury Nasser Saleh Hamdan Najjar Darwish Aziz Farah Abdallah Yousef \
                   Rahman Qureshi Malik Sheikh Siddiqui Aboud Shaheen Zaman Karimi Hosseini Ahmadi Rezaei Tehrani Azar Bitar Daher \
                   El-Amin Fakhoury Ghanem Hariri Issa Jaber Kanaan Mikhail Nassar Obeid Qasim Rizk Sabbagh Tannous Wehbe Younes Zaki",
    },
    Culture {
        share: 45,
        language: Some(("ru", "Russian")),
        race: WHITE,
        hispanic: false,
        women: "Olga Svetlana Natalya Irina Tatiana Yelena Galina Ludmila Anastasia Katarzyna Małgorzata Agnieszka Zofia Jadwiga \
                Ewa Oksana Yuliya Vera Nina Raisa Danuta Halina Jana Věra Zdeňka Milena Dragana Jelena Snežana Kateryna Bożena \
                Ivana Radmila Ljubica Tereza",
        men: "Dmitri Sergei Vladimir Alexei Ivan Mikhail Nikolai Yuri Boris Oleg Piotr Krzysztof Andrzej Tomasz Stanisław Jerzy \
              Wojciech Zbigniew Bogdan Taras Vasyl Andriy Jiří Václav Zdeněk Miroslav Dragan Goran Zoran Nenad Łukasz Paweł \
              Grzegorz Ondřej Štefan",
        surnames: "Ivanov Petrov Sokolov Popov Volkov Kuznetsov Kowalski Nowak Wiśniewski Wójcik Kamiński Lewandowski Zieliński \
                   Szymański Dąbrowski Kozłowski Jankowski Mazur Krawczyk Shevchenko Kovalenko Bondarenko Tkachenko Novák Svoboda \
                   Dvořák Černý Procházka Kučera Horák Jovanović Petrović Nikolić Marković Đorđević Horvat Kovačević Babić Marić \
                   Novotný Čapek Žižka Mazurek Pawlak Walczak Stępień Górski Łuczak Orlov Zaitsev",
    },
    Culture {
        share: 30,
        language: Some(("fr", "French")),
        race: WHITE,
        hispanic: false,
        women: "Marie Jeanne Françoise Monique Hélène Élise Chloé Léa Zoé Amélie Aurélie Geneviève Véronique Thérèse Noémie Océane \
                Renée Solange Odette Margaux Céline Gisèle Brigitte Inès Maëlle",
        men: "Jean Pierre Michel André Philippe René Jacques François Étienne Léo Théo Raphaël Gaël Loïc Benoît Jérôme Sébastien \
              Frédéric Gérard Yves Rémi Cédric Hervé Maxime Noël",
        surnames: "Martin Bernard Dubois Durand Moreau Laurent Lefèvre Leroy Roux Fournier Girard Bonnet Dupont Lambert Fontaine \
                   Rousseau Mercier Blanc Guérin Boyer Garnier Chevalier Gauthier Tremblay Gagnon Côté Bouchard Bélanger Pelletier \
                   Lévesque Bergeron Gagné Désilets Beaulieu Thériault LeBlanc Hébert d'Aubigné de_Villiers Saint-Pierre",
    },
    Culture {
        share: 35,
        language: Some(("de", "German")),
        race: WHITE,
        hispanic: false,
        women: "Ursula Ingrid Helga Greta Liesl Heidi Käthe Jürgena Anneliese Brünhild Astrid Solveig Sigrid Freja Maja Åsa Kerstin \
                Birgitta Märta Linnéa Saga Ebba Tuulikki Aino Päivi Marijke Anneke Saskia Femke Wilhelmina",
        men: "Hans Jürgen Wolfgang Klaus Günther Dieter Heinrich Karl Matthias Björn Lars Sven Nils Gustav Åke Håkan Søren Magnus Leif \
              Eirik Jørgen Pekka Mikko Väinö Pieter Willem Joost Bram Sander Rüdiger",
        surnames: "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf \
                   Schröder Neumann Schwarz Zimmermann Krüger Köhler König Krämer Jäger Groß Böhm Larsson Andersson Nilsson \
                   Lindström Bergström Sjöberg Åkesson Öberg Hansen Sørensen Jørgensen Møller Nygård Korhonen Mäkinen Hämäläinen \
                   van_Dijk de_Vries van_den_Berg Visser Janssen Bakker ter_Horst",
    },
    Culture {
        share: 35,
        language: Some(("so", "Somali")),
        race: BLACK,
        hispanic: false,
        women: "Chidinma Ngozi Adaeze Folake Yewande Abeni Amina Halima Hodan Faduma Ayaan Ifrah Abena Akosua Efua Ama Makena Wanjiru \
                Nyambura Achieng Tigist Selam Hiwot Almaz Tsehay Zola Nomvula Thandiwe Temitope Oluwaseun",
        men: "Chukwuemeka Obinna Ifeanyi Adebayo Olumide Babatunde Tunde Abdi Mohamud Yusuf Kwame Kofi Kwabena Yaw Kamau Mwangi Otieno \
              Kiptoo Tesfaye Dawit Abebe Haile Getachew Sipho Thabo Mandla Emeka Uche Segun Jabari",
        surnames: "Okafor Adeyemi Okonkwo Eze Nwosu Balogun Adebayo Afolabi Okoro Chukwu Mensah Owusu Boateng Asante Osei Appiah Abdi \
                   Warsame Farah Jama Mohamud Kamau Njoroge Mwangi Otieno Ochieng Kiplagat Tesfaye Bekele Haile Tadesse Gebre Dlamini \
                   Ndlovu Mokoena Nkosi Diallo Traoré Keïta Koné",
    },
    Culture {
        share: 30,
        language: Some(("ko", "Korean")),
        race: ASIAN,
        hispanic: false,
        women: "Ji-woo Seo-yeon Min-ji Soo-jin Eun-ji Hye-jin Young-hee Mi-kyung Yuki Sakura Haruka Keiko Michiko Yōko Akiko Naomi \
                Hanako Emi Rin Ayumi Ha-eun Da-eun Bora Kumiko Sachiko",
        men: "Min-jun Ji-hoon Sung-min Hyun-woo Dong-hyun Jae-won Young-ho Sang-woo Kenji Hiroshi Takeshi Yūto Haruto Ren Kaito \
              Satoshi Akira Daichi Shō Ichirō Tae-yang Joon-ho Kyung-soo Makoto Noboru",
        surnames: "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Oh Shin Seo Kwon Hwang Ahn Satō Suzuki Takahashi Tanaka Watanabe Itō \
                   Yamamoto Nakamura Kobayashi Katō Yoshida Yamada Sasaki Matsumoto Inoue Kimura Hayashi Shimizu Mori Ōta Fujita Ueda",
    },
    Culture {
        share: 30,
        language: Some(("pt", "Portuguese")),
        race: WHITE,
        hispanic: false,
        women: "Ana Beatriz Inês Conceição Fátima Lurdes Joana Mafalda Leonor Luísa Graça Antônia Júlia Letícia Larissa Thaís Cláudia \
                Patrícia Vitória Helena Rosália Assunção Iara Débora Jacira",
        men: "João António José Luís Tiago Gonçalo Nuno Rui Duarte Vasco Caetano Márcio Thiago Caio Flávio Fábio Otávio Sérgio Zé \
              Joaquim Estêvão Inácio Simão Leônidas Jair",
        surnames: "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Gonçalves Carvalho Almeida Lopes Ribeiro Pinto \
                   Araújo Barbosa Cardoso Conceição Magalhães Guimarães Falcão Brandão Simões Antunes Teixeira Moura Correia Nóbrega \
                   da_Silva dos_Santos de_Sá Vasconcelos Queirós Assunção",
    },
    Culture {
        share: 40,
        language: None,
        race: WHITE,
        hispanic: false,
        women: "Siobhán Niamh Aoife Ciara Róisín Maeve Bridget Deirdre Gráinne Orla Sinéad Fionnuala Caoimhe Eithne Nuala Rhiannon \
                Angharad Siân Cerys Mairi Catriona Isla Ailsa Morag Una",
        men: "Seán Pádraig Ciarán Eoin Cillian Declan Brendan Fergus Liam Conor Oisín Tadhg Diarmuid Rory Cormac Gareth Rhys Dylan \
              Emrys Hamish Alasdair Callum Ewan Angus Iain",
        surnames: "O'Brien O'Connor O'Sullivan Murphy Ryan Byrne Walsh O'Neill O'Reilly Doyle McCarthy Gallagher Doherty Kavanagh \
                   Fitzgerald MacDonald Campbell MacLeod Fraser Sinclair MacGregor MacKenzie McKay O'Dwyer Ó_Súilleabháin Ní_Dhomhnaill \
                   Llewellyn Pryce Bevan Gwynne Rhys Cadwallader FitzPatrick D'Arcy St._Clair Ahearn Brannigan Coughlan Dunleavy Flaherty",
    },
    Culture {
        share: 20,
        language: Some(("tr", "Turkish")),
        race: WHITE,
        hispanic: false,
        women: "Ayşe Zeynep Elif Emine Hatice Özlem Gülşah Şeyma Yağmur Çiğdem Eleni Sofia Vasiliki Despina Ioanna Anush Lusine Nare \
                Nino Ketevan Chiara Giulia Francesca Rosaria Concetta",
        men: "Mehmet Mustafa Emre Özgür Çağlar Şükrü Yiğit Kemal Yiannis Kostas Dimitris Stavros Spyros Hovhannes Tigran Giorgi Levan \
              Zurab Giuseppe Vincenzo Salvatore Luca Matteo Niccolò Domenico",
        surnames: "Yılmaz Kaya Demir Çelik Şahin Öztürk Aydın Özdemir Doğan Kılıç Papadopoulos Nikolaidis Georgiou Economou Petrosyan \
                   Sargsyan Hakobyan Beridze Kapanadze Rossi Russo Ferrari Esposito Bianchi Romano Ricci Marino Greco Lombardi \
                   D'Angelo De_Luca Di_Stefano Caputo Pellegrini Santoro",
    },
];

/// First parts of made-up English-sounding surnames, which widen the pool for the search bench.
pub(crate) const SURNAME_HEADS: &str = "Ash Alder Barn Beck Birch Black Brad Bram Brook Burn Carl Clay Cran Crow Dal Den Dun East Elm Fair \
     Farn Fen Hal Har Haw Hazel Heather Hol Holm King Lang Lin Mar Mill Nor Oak Pen Red Rock Rush Sand Shel Stan Stock Thorn Tor Wake \
     Wal West Whit Wil Win";
/// Last parts of made-up surnames.
pub(crate) const SURNAME_TAILS: &str = "bank beck berry bourne bridge brook bury by combe cote croft dale den don field fold ford gate grave ham \
     hurst land ley low man mere more ridge shaw stead stone ton ward well wick wood worth";
/// Heads and tails of made-up given names, which widen that pool a little.
pub(crate) const GIVEN_HEADS: &str = "Ad Al Bel Cor Dar El Fen Ger Jan Kal Lor Mar Nor Or Ral Sel Tal Ver Wil Zan";
/// Tails for women, then for men.
pub(crate) const GIVEN_TAILS: [&str; 2] = ["anna elle ette iana ina isa ora ynn", "an ard ek en ian is on ric"];
